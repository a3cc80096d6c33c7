import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A provider event that is not processed yet. */
@Entity('inbox_pending')
export class InboxPendingEntity {
  @PrimaryColumn('text')
  scope!: string;

  @PrimaryColumn('bigint', { name: 'event_id' })
  eventId!: string;

  /** names the partition of the event */
  @Column('timestamptz', { name: 'received_at' })
  receivedAt!: Date;
}
