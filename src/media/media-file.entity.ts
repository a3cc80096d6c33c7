import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { MediaState } from '../contract/index.js';
import type { MediaError } from './media-error.js';

/** A file of a message. Its bytes are in the media store, under their hash. */
@Entity('media_file')
@Index('media_file_due', ['nextAt'], { where: 'next_at IS NOT NULL' })
@Index('media_file_sha256', ['sha256'], { where: 'sha256 IS NOT NULL' })
@Index('media_file_used', ['usedAt'])
export class MediaFileEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  /** when a message last named it */
  @Column('timestamptz', { name: 'used_at' })
  usedAt!: Date;

  /** null: any gateway may send it */
  @Column('uuid', { name: 'gateway_id', nullable: true })
  gatewayId!: string | null;

  /** a customer's file: the account that it came to */
  @Column('uuid', { name: 'account_id', nullable: true })
  accountId!: string | null;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column('text', { name: 'provider_id', nullable: true })
  providerId!: string | null;

  @Column('text', { name: 'provider_url', nullable: true })
  providerUrl!: string | null;

  @Column('timestamptz', { name: 'url_until', nullable: true })
  urlUntil!: Date | null;

  @Column('text', { name: 'mime_type', nullable: true })
  mimeType!: string | null;

  @Column('text', { nullable: true })
  filename!: string | null;

  /** hex, as the network says */
  @Column('text', { name: 'told_sha256', nullable: true })
  toldSha256!: string | null;

  @Column('text')
  state!: MediaState;

  /** hex, of what is stored */
  @Column('text', { nullable: true })
  sha256!: string | null;

  /** bytes */
  @Column('integer', { nullable: true })
  size!: number | null;

  @Column('integer')
  attempts!: number;

  /** when it is tried, or when whoever tries counts as dead; null: nothing is left to do */
  @Column('timestamptz', { name: 'next_at', nullable: true })
  nextAt!: Date | null;

  /** by then the network has forgotten it */
  @Column('timestamptz', { nullable: true })
  until!: Date | null;

  @Column('json', { nullable: true })
  error!: MediaError | null;
}
