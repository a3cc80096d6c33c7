import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Messages that came in to an account lately, by tenths of seconds, the latest first: they count in its throughput. */
@Entity('inbound_pace')
export class InboundPaceEntity {
  @PrimaryColumn('uuid', { name: 'account_id' })
  accountId!: string;

  /** that of the first count, since 1970 */
  @Column('bigint')
  tenth!: string;

  @Column('integer', { array: true })
  counts!: number[];
}
