import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An event on its way to one subscriber; the row goes once it was taken. */
@Entity('event_delivery')
@Index('event_delivery_lined', ['line', 'subscriber', 'session', 'occurredAt', 'seq'], { where: `state = 'lined'` })
@Index('event_delivery_detached', ['subscriber', 'nextAt'], { where: `state = 'detached'` })
@Index('event_delivery_webhook', ['subscriber'], { where: `subscriber <> 'bot'` })
@Index('event_delivery_parked', ['createdAt'], { where: `state = 'parked'` })
export class EventDeliveryEntity {
  @PrimaryColumn('uuid', { name: 'event_id' })
  eventId!: string;

  @PrimaryColumn('text')
  subscriber!: string;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('uuid')
  line!: string;

  /** the part of the line that it belongs to, a dialog; parts follow one another as their ids grow */
  @Column('uuid')
  session!: string;

  /** its place in its session among events of one second */
  @Column('bigint', { default: () => `nextval('event_delivery_seq')` })
  seq!: string;

  /** whole seconds */
  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt!: Date;

  @Column('text')
  type!: string;

  /** in order behind its neighbours; on its own after trying for long; or set aside */
  @Column('text')
  state!: 'lined' | 'detached' | 'parked';

  @Column('integer')
  attempts!: number;

  @Column('timestamptz', { name: 'first_tried_at', nullable: true })
  firstTriedAt!: Date | null;

  @Column('timestamptz', { name: 'next_at' })
  nextAt!: Date;

  /** the process that delivers it just now */
  @Column('uuid', { name: 'claimed_by', nullable: true })
  claimedBy!: string | null;

  @Column('text', { name: 'last_error', nullable: true })
  lastError!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
