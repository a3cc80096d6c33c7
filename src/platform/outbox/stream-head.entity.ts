import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One row: how far the log of events for streams goes, and from where on it is kept. Its lock makes positions follow commits. */
@Entity('stream_head')
export class StreamHeadEntity {
  @PrimaryColumn('boolean')
  id!: boolean;

  /** the last one that was given */
  @Column('bigint')
  position!: string;

  /** the last one of what is no longer kept */
  @Column('bigint')
  purged!: string;
}
