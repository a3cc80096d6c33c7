import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { GatewayEntity } from './gateway.entity.js';

/** What the network subscribes as one, e.g. a WhatsApp Business Account. */
@Entity('account_group')
@Unique('account_group_address', ['gatewayId', 'channel', 'address'])
export class AccountGroupEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'gateway_id' })
  @ForeignKey(() => GatewayEntity, { name: 'account_group_gateway' })
  gatewayId!: string;

  @Column('text')
  channel!: string;

  @Column('text')
  address!: string;

  @Column('text')
  name!: string;

  /** what shares a messaging limit */
  @Column('text', { nullable: true })
  portfolio!: string | null;

  @Column('jsonb')
  details!: object;

  /** the last news of each kind, {at, value} */
  @Column('jsonb', { default: {} })
  news!: object;

  @Column('boolean')
  subscribed!: boolean;

  /** since when setup no longer finds it */
  @Column('timestamptz', { name: 'missing_since', nullable: true })
  missingSince!: Date | null;

  @Column('timestamptz', { name: 'removed_at', nullable: true })
  removedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}
