import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Messages that came in to an account, of one second and the one before: they count in its throughput. */
@Entity('inbound_pace')
export class InboundPaceEntity {
  @PrimaryColumn('uuid', { name: 'account_id' })
  accountId!: string;

  @Column('bigint')
  second!: string;

  @Column('integer')
  count!: number;

  @Column('integer')
  before!: number;
}
