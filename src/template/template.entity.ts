import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { AccountGroupEntity } from '../gateway/account-group.entity.js';

/** A template that the network reviewed, as far as we know. What is gone there stays here, as deleted. */
@Entity('template')
@Unique('template_name', ['groupId', 'name', 'language'])
@Index('template_paused', ['groupId'], { where: `standing = 'paused'` })
export class TemplateEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'group_id' })
  @ForeignKey(() => AccountGroupEntity, { name: 'template_group' })
  groupId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  language!: string;

  @Column('text', { name: 'provider_id', nullable: true })
  providerId!: string | null;

  /** the network's words */
  @Column('text')
  category!: string;

  @Column('text')
  status!: string;

  /** what the channel makes of the status */
  @Column('text')
  standing!: 'usable' | 'paused' | 'unusable';

  @Column('text', { nullable: true })
  quality!: string | null;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('timestamptz', { name: 'paused_until', nullable: true })
  pausedUntil!: Date | null;

  @Column('json')
  parameters!: object;

  @Column('json')
  components!: object;

  /** the newest news that was applied, by the network's clock */
  @Column('timestamptz', { name: 'told_at', nullable: true })
  toldAt!: Date | null;

  @Column('text', { name: 'told_key', nullable: true })
  toldKey!: string | null;

  /** when news was last applied, by our clock */
  @Column('timestamptz', { name: 'noted_at', nullable: true })
  notedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}
