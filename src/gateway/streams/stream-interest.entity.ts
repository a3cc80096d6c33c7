import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A filter that somebody opened a stream with. As long as it stands, what it wants is logged, also while nobody reads. */
@Entity('stream_interest')
export class StreamInterestEntity {
  /** made of the filter */
  @PrimaryColumn('text')
  id!: string;

  /** null: all */
  @Column('uuid', { array: true, nullable: true })
  gateways!: string[] | null;

  /** names, or `*` for all */
  @Column('text', { array: true })
  types!: string[];

  /** the log has everything that it wants behind this position */
  @Column('bigint')
  since!: string;

  /** when a stream with it was last open */
  @Column('timestamptz', { name: 'seen_at' })
  seenAt!: Date;
}
