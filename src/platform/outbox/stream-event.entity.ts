import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An event in the log that streams are read from. */
@Entity('stream_event')
export class StreamEventEntity {
  /** a later commit has a later one */
  @PrimaryColumn('bigint')
  position!: string;

  @Column('uuid', { name: 'event_id' })
  eventId!: string;

  /** as in the event: names its partition */
  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('text')
  type!: string;
}
