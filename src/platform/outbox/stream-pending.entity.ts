import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An event for streams that has no position yet. */
@Entity('stream_pending')
export class StreamPendingEntity {
  /** the order of writing, which holds among events of one dialog: whoever writes them waits for the other's commit */
  @PrimaryColumn('bigint', { default: () => `nextval('stream_pending_seq')` })
  seq!: string;

  @Column('uuid', { name: 'event_id' })
  eventId!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('text')
  type!: string;
}
