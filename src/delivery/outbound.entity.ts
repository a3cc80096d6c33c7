import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { HeldReason, MessagePart } from '../dialog/message-status.js';

/** An outbound message that is still open; the row goes once it is accepted or has finally failed. */
@Entity('outbound')
@Index('outbound_ready', ['accountId', 'availableAt', 'seq'], { where: `state = 'ready' AND NOT blocked` })
@Index('outbound_template', ['templateId', 'blocked'], { where: `state = 'ready' AND template_id IS NOT NULL` })
@Index('outbound_waiting', ['line', 'seq'], { where: `state = 'waiting'` })
@Index('outbound_under_way', ['state', 'changedAt'], { where: `state IN ('admitted', 'sending', 'doubt')` })
@Index('outbound_flying', ['accountId'], { where: `state IN ('admitted', 'sending')` })
@Index('outbound_held', ['heldReason', 'changedAt'], { where: 'held_reason IS NOT NULL' })
@Index('outbound_expiry', ['expiresAt'], { where: 'expires_at IS NOT NULL' })
export class OutboundEntity {
  @PrimaryColumn('uuid', { name: 'message_id' })
  messageId!: string;

  /** what leaves one at a time, in order */
  @Column('uuid')
  line!: string;

  @Column('bigint')
  seq!: string;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('uuid', { name: 'account_id' })
  accountId!: string;

  @Column('text')
  class!: string;

  /** behind another of its line; head of its line; carried by a job; on the wire; or the answer was lost */
  @Column('text')
  state!: 'waiting' | 'ready' | 'admitted' | 'sending' | 'doubt';

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

  /** a head that waits for its template: admission does not look at it */
  @Column('boolean')
  blocked!: boolean;

  /** the process that sends it just now */
  @Column('uuid', { name: 'claimed_by', nullable: true })
  claimedBy!: string | null;

  @Column('timestamptz', { name: 'changed_at' })
  changedAt!: Date;

  @Column('timestamptz', { name: 'doubt_since', nullable: true })
  doubtSince!: Date | null;
}
