import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { MediaState } from '../contract/index.js';
import type { MediaError } from './media-error.js';

/** A file at the network, by the account that sends it: made once, used until the network forgets it. */
@Entity('media_upload')
@Index('media_upload_file', ['accountId', 'sha256', 'kind'], { unique: true })
@Index('media_upload_due', ['nextAt'], { where: 'next_at IS NOT NULL' })
export class MediaUploadEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('uuid', { name: 'account_id' })
  accountId!: string;

  /** hex */
  @Column('text')
  sha256!: string;

  /** what it was sent as, where its id is good for that alone; empty: it was uploaded by itself */
  @Column('text', { default: '' })
  kind!: string;

  @Column('text', { name: 'mime_type' })
  mimeType!: string;

  @Column('text', { nullable: true })
  filename!: string | null;

  /** bytes */
  @Column('integer')
  size!: number;

  @Column('text')
  state!: MediaState;

  @Column('text', { name: 'provider_id', nullable: true })
  providerId!: string | null;

  /** when it became ready, or was given up */
  @Column('timestamptz', { name: 'settled_at', nullable: true })
  settledAt!: Date | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column('integer')
  attempts!: number;

  @Column('timestamptz', { name: 'next_at', nullable: true })
  nextAt!: Date | null;

  @Column('json', { nullable: true })
  error!: MediaError | null;
}
