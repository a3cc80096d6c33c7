import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { JsonValue } from '../contract/index.js';

/** A part of a provider event that we could make nothing of, kept to be looked at. */
@Entity('unhandled_event')
@Unique('unhandled_event_hash', ['hash'])
@Index('unhandled_event_created', ['createdAt'])
export class UnhandledEventEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** null where not even the gateway could be told */
  @Column('uuid', { name: 'gateway_id', nullable: true })
  gatewayId!: string | null;

  @Column('text')
  scope!: string;

  @Column('bigint', { name: 'event_id' })
  eventId!: string;

  /** names the partition of the event */
  @Column('timestamptz', { name: 'received_at' })
  receivedAt!: Date;

  @Column('text')
  code!: string;

  @Column('text')
  detail!: string;

  /** where in the body the part stands */
  @Column('text')
  path!: string;

  @Column('json', { nullable: true })
  raw!: JsonValue;

  /** what makes a repeat a repeat */
  @Column('bytea')
  hash!: Buffer;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
