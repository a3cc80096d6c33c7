import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccountGroupEntity } from '../account-group.entity.js';

/** When a group's accounts were read, and when they are to be read next. */
@Entity('account_sync')
@Index('account_sync_due', ['dueAt'])
export class AccountSyncEntity {
  @PrimaryColumn('uuid', { name: 'group_id' })
  @ForeignKey(() => AccountGroupEntity, { name: 'account_sync_group' })
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
  @Column('timestamptz', { name: 'read_at', nullable: true })
  readAt!: Date | null;

  @Column('integer')
  failures!: number;

  @Column('text', { nullable: true })
  error!: string | null;
}
