import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A configured gateway. `deleted_at`: its history outlives it, its secrets do not. */
@Entity('gateway')
@Index('gateway_uri', ['uri'], { unique: true, where: '(deleted_at IS NULL)' })
@Index('gateway_app_key', ['appKey'], { where: '(deleted_at IS NULL)' })
export class GatewayEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  uri!: string;

  @Column('text')
  name!: string;

  @Column('text')
  type!: string;

  @Column('boolean')
  enabled!: boolean;

  /** key → value; a secret value is `{"encrypted": "…"}` */
  @Column('jsonb')
  metadata!: object;

  @Column('jsonb', { nullable: true })
  bot!: object | null;

  /** which app at the network it belongs to, where the type shares a callback between gateways of one app */
  @Column('text', { name: 'app_key', nullable: true })
  appKey!: string | null;

  /** ok, unverified or parked */
  @Column('text')
  status!: string;

  @Column('text', { name: 'status_reason', nullable: true })
  statusReason!: string | null;

  /** when the network stops taking its credentials, where it says so */
  @Column('timestamptz', { name: 'credentials_expire_at', nullable: true })
  credentialsExpireAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
