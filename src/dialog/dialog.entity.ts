import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { DialogVariables } from './dialog.repository.js';

/** One session on a thread; at most one of a thread is open. */
@Entity('dialog')
@Index('dialog_open', ['threadId'], { unique: true, where: 'closed_at IS NULL' })
@Index('dialog_gateway', ['gatewayId', 'id'])
@Index('dialog_thread', ['threadId'])
@Index('dialog_idle', ['idleCheckAt'], { where: 'closed_at IS NULL AND idle_check_at IS NOT NULL' })
@Index('dialog_unwatched', ['gatewayId'], { where: 'closed_at IS NULL AND idle_check_at IS NULL' })
export class DialogEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'thread_id' })
  threadId!: string;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('uuid', { name: 'account_id' })
  accountId!: string;

  @Column('uuid', { name: 'contact_id' })
  contactId!: string;

  @Column('text')
  channel!: string;

  /** what bots and operators set; the channel's own variables are not kept */
  @Column('jsonb')
  variables!: DialogVariables;

  @Column('timestamptz', { name: 'opened_at' })
  openedAt!: Date;

  @Column('timestamptz', { name: 'closed_at', nullable: true })
  closedAt!: Date | null;

  /** the bot is told of no message until then */
  @Column('timestamptz', { name: 'bot_paused_until', nullable: true })
  botPausedUntil!: Date | null;

  /** why: human */
  @Column('text', { name: 'bot_paused_by', nullable: true })
  botPausedBy!: string | null;

  /** the operator who took it over; the bot is silent until then, or until it is released */
  @Column('text', { name: 'assigned_to', nullable: true })
  assignedTo!: string | null;

  @Column('timestamptz', { name: 'assigned_at', nullable: true })
  assignedAt!: Date | null;

  @Column('timestamptz', { name: 'assigned_until', nullable: true })
  assignedUntil!: Date | null;

  /** how it ended; see {@link CloseReason}. Of dialogs that ended before this was kept: null */
  @Column('text', { name: 'close_reason', nullable: true })
  closeReason!: string | null;

  /** when to look whether it has become idle; null: its gateway does not ask for that */
  @Column('timestamptz', { name: 'idle_check_at', nullable: true })
  idleCheckAt!: Date | null;

  /** the dialog that goes on in its place: two contacts turned out to be one */
  @Column('uuid', { name: 'alias_of', nullable: true })
  aliasOf!: string | null;
}
