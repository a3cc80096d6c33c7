import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One running process. The claims of one that no longer beats are taken back. */
@Entity('process')
export class ProcessEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { array: true })
  roles!: string[];

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;

  /** its last beat */
  @Column('timestamptz', { name: 'seen_at' })
  seenAt!: Date;
}
