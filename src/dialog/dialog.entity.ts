import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { DialogVariables } from './dialog.repository.js';

/** One session on a thread; at most one of a thread is open. */
@Entity('dialog')
@Index('dialog_open', ['threadId'], { unique: true, where: 'closed_at IS NULL' })
@Index('dialog_gateway', ['gatewayId', 'id'])
@Index('dialog_thread', ['threadId'])
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

  /** the dialog that goes on in its place: two contacts turned out to be one */
  @Column('uuid', { name: 'alias_of', nullable: true })
  aliasOf!: string | null;
}
