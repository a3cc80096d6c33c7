import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccountGroupEntity } from '../gateway/account-group.entity.js';

/** When a group's list of templates was read, and when it is to be read next. */
@Entity('template_sync')
@Index('template_sync_due', ['dueAt'])
export class TemplateSyncEntity {
  @PrimaryColumn('uuid', { name: 'group_id' })
  @ForeignKey(() => AccountGroupEntity, { name: 'template_sync_group' })
  groupId!: string;

  @Column('timestamptz', { name: 'due_at' })
  dueAt!: Date;

  /** begin of the last reading, which may have failed */
  @Column('timestamptz', { name: 'tried_at', nullable: true })
  triedAt!: Date | null;

  /** a reading that lasts longer has died with its process */
  @Column('timestamptz', { name: 'running_until', nullable: true })
  runningUntil!: Date | null;

  /** begin of the last reading that succeeded */
  @Column('timestamptz', { name: 'synced_at', nullable: true })
  syncedAt!: Date | null;

  @Column('integer')
  listed!: number;

  @Column('integer')
  failures!: number;

  @Column('text', { nullable: true })
  error!: string | null;
}
