import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Content, JsonObject, Price } from '../contract/index.js';
import type { Held, MessageError, MessagePart, MessageStatus } from './message-status.js';

/** A message of either direction with its present state and the way there. */
@Entity('message')
@Index('message_dialog', ['dialogId', 'id'])
@Index('message_gateway', ['gatewayId', 'id'])
export class MessageEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** the time inside `id`; names the partition */
  @PrimaryColumn('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  /** its place in the order in which messages were taken */
  @Column('bigint', { default: () => `nextval('message_seq')` })
  seq!: string;

  @Column('text')
  direction!: 'in' | 'out';

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('uuid', { name: 'account_id' })
  accountId!: string;

  @Column('text')
  channel!: string;

  @Column('uuid', { name: 'thread_id' })
  threadId!: string;

  @Column('uuid', { name: 'dialog_id' })
  dialogId!: string;

  @Column('uuid', { name: 'contact_id' })
  contactId!: string;

  /** who made it: customer, api, bot */
  @Column('text')
  origin!: string;

  @Column('text', { nullable: true })
  class!: string | null;

  @Column('text')
  status!: MessageStatus;

  /** what went, or is to go, on the wire */
  @Column('text')
  part!: MessagePart;

  @Column('json')
  content!: Content;

  @Column('json', { nullable: true })
  fallback!: Content | null;

  /** outbound: how the caller named the person */
  @Column('json', { nullable: true })
  recipient!: JsonObject | null;

  @Column('json', { nullable: true })
  metadata!: JsonObject | null;

  @Column('json', { nullable: true })
  notes!: readonly string[] | null;

  /** the message that it answers, where that is one of ours */
  @Column('uuid', { name: 'reply_to', nullable: true })
  replyTo!: string | null;

  @Column('text', { name: 'reply_to_provider', nullable: true })
  replyToProvider!: string | null;

  @Column('json', { nullable: true })
  referral!: JsonObject | null;

  @Column('text', { name: 'provider_id', nullable: true })
  providerId!: string | null;

  @Column('json', { nullable: true })
  error!: MessageError | null;

  @Column('json', { nullable: true })
  held!: Held | null;

  @Column('json', { nullable: true })
  price!: Price | null;

  /** what happened to it, a line per entry; see `timeline.ts` */
  @Column('text', { default: '' })
  timeline!: string;

  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt!: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  /** not before this moment */
  @Column('timestamptz', { name: 'send_at', nullable: true })
  sendAt!: Date | null;

  /** seconds in which it should be delivered */
  @Column('integer', { name: 'deliver_within', nullable: true })
  deliverWithin!: number | null;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}
