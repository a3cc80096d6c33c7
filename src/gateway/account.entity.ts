import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { AccountGroupEntity } from './account-group.entity.js';

/** One sender identity: a phone number, a page, a bot. Active in one gateway at a time. */
@Entity('account')
@Unique('account_address', ['gatewayId', 'channel', 'address'])
@Index('account_active', ['channel', 'address'], { unique: true, where: 'active' })
export class AccountEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('uuid', { name: 'group_id' })
  @ForeignKey(() => AccountGroupEntity, { name: 'account_group_id' })
  groupId!: string;

  @Column('text')
  channel!: string;

  @Column('text')
  address!: string;

  @Column('text')
  name!: string;

  /** digits */
  @Column('text', { nullable: true })
  phone!: string | null;

  @Column('jsonb')
  details!: object;

  /** the last news of each kind, {at, value} */
  @Column('jsonb', { default: {} })
  news!: object;

  /** how new the details are, by the network's clock */
  @Column('timestamptz', { name: 'told_at', nullable: true })
  toldAt!: Date | null;

  @Column('boolean')
  active!: boolean;

  @Column('boolean')
  enabled!: boolean;

  @Column('jsonb', { nullable: true })
  bot!: object | null;

  /** of its own, encrypted; null: the gateway's */
  @Column('jsonb', { nullable: true })
  credential!: object | null;

  /** when the network stops taking it, where it says so */
  @Column('timestamptz', { name: 'credential_expires_at', nullable: true })
  credentialExpiresAt!: Date | null;

  /** that it was registered with, encrypted */
  @Column('jsonb', { nullable: true })
  pin!: object | null;

  /** since when it has been active without a gap */
  @Column('timestamptz', { name: 'connected_since', nullable: true })
  connectedSince!: Date | null;

  @Column('timestamptz', { name: 'missing_since', nullable: true })
  missingSince!: Date | null;

  @Column('timestamptz', { name: 'removed_at', nullable: true })
  removedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}
