import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A provider event that is not processed yet. */
@Entity('inbox_pending')
@Index('inbox_pending_scope', ['scope', 'eventId'])
export class InboxPendingEntity {
  @PrimaryColumn('bigint', { name: 'event_id' })
  eventId!: string;

  /** names the partition of the event */
  @Column('timestamptz', { name: 'received_at' })
  receivedAt!: Date;

  @Column('text')
  scope!: string;
}
