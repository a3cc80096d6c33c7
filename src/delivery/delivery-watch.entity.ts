import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A message that somebody wants to hear of when it was not delivered in time. */
@Entity('delivery_watch')
@Index('delivery_watch_due', ['dueAt'])
export class DeliveryWatchEntity {
  @PrimaryColumn('uuid', { name: 'message_id' })
  messageId!: string;

  @Column('timestamptz', { name: 'due_at' })
  dueAt!: Date;
}
