import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { HeldReason, MessagePart } from '../dialog/message-status.js';

/** An outbound message that is still open; the row goes once it is accepted or has finally failed. */
@Entity('outbound')
@Index('outbound_ready', ['accountId', 'class', 'opens', 'seq'], { where: `state = 'ready'` })
@Index('outbound_closing', ['accountId', 'windowUntil'], { where: `state = 'ready' AND window_until IS NOT NULL` })
@Index('outbound_later', ['accountId', 'availableAt'], { where: `state = 'later'` })
@Index('outbound_held', ['accountId', 'heldReason', 'class', 'seq'], { where: `state = 'held'` })
@Index('outbound_scheduled', ['availableAt'], { where: `state = 'scheduled'` })
@Index('outbound_template', ['templateId', 'state'], {
  where: `template_id IS NOT NULL AND state IN ('ready', 'held')`,
})
@Index('outbound_thread', ['threadId', 'class', 'seq'])
@Index('outbound_under_way', ['accountId', 'state'], { where: `state IN ('admitted', 'sending', 'doubt')` })
@Index('outbound_expiry', ['expiresAt'], {
  where: `expires_at IS NOT NULL AND state IN ('scheduled', 'waiting', 'ready', 'later', 'held')`,
})
@Index('outbound_held_since', ['heldReason', 'changedAt'], { where: 'held_reason IS NOT NULL' })
export class OutboundEntity {
  @PrimaryColumn('uuid', { name: 'message_id' })
  messageId!: string;

  /** with `class`, its line: what leaves one at a time, in order */
  @Column('uuid', { name: 'thread_id' })
  threadId!: string;

  /** rank of its class, see `message-class.ts` */
  @Column('smallint')
  class!: number;

  @Column('bigint')
  seq!: string;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('uuid', { name: 'account_id' })
  accountId!: string;

  @Column('uuid', { name: 'contact_id' })
  contactId!: string;

  /**
   * not in its line yet; behind another of its line; head of its line; a head that comes back at a time, or when its cause is
   * gone; carried by a job; on the wire; or the answer was lost
   */
  @Column('text')
  state!: 'scheduled' | 'waiting' | 'ready' | 'later' | 'held' | 'admitted' | 'sending' | 'doubt';

  /** of the part that goes: 0 free-form, 1 template, 2 native */
  @Column('smallint')
  kind!: number;

  @Column('boolean', { name: 'has_fallback' })
  hasFallback!: boolean;

  /** outside of a window it would open one more person to the business */
  @Column('boolean')
  opens!: boolean;

  /** a place of the messaging limit relies on it */
  @Column('boolean', { name: 'has_place' })
  hasPlace!: boolean;

  /** free-form: when the window closes that it was taken in */
  @Column('timestamptz', { name: 'window_until', nullable: true })
  windowUntil!: Date | null;

  @Column('text')
  part!: MessagePart;

  /** how many attempts there were of this part */
  @Column('smallint')
  attempt!: number;

  @Column('uuid', { name: 'attempt_id', nullable: true })
  attemptId!: string | null;

  @Column('timestamptz', { name: 'available_at' })
  availableAt!: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column('text', { name: 'held_reason', nullable: true })
  heldReason!: HeldReason | null;

  /** the template that its part goes by, where we know it */
  @Column('uuid', { name: 'template_id', nullable: true })
  templateId!: string | null;

  /** the process that sends it just now */
  @Column('uuid', { name: 'claimed_by', nullable: true })
  claimedBy!: string | null;

  @Column('timestamptz', { name: 'changed_at' })
  changedAt!: Date;

  /** since when the answer is awaited; kept when it is sent again, since the earlier attempt may have arrived */
  @Column('timestamptz', { name: 'doubt_since', nullable: true })
  doubtSince!: Date | null;
}
