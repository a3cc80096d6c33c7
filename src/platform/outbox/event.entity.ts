import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a bot (or another subscriber) is told, as it was written in the transaction that made it true. */
@Entity('event')
export class EventEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** names the partition */
  @PrimaryColumn('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('text')
  type!: string;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  /** what keeps its events in order: a thread, or the gateway for events that belong to no dialog */
  @Column('uuid')
  line!: string;

  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt!: Date;

  @Column('json')
  body!: object;
}
