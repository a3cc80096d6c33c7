import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../contract/index.js';

/** One thing that happened to a message. */
@Entity('message_timeline')
export class MessageTimelineEntity {
  @PrimaryColumn('uuid', { name: 'message_id' })
  messageId!: string;

  /** what makes a repeat a repeat, e.g. `delivered|` or `held#3` */
  @PrimaryColumn('text')
  key!: string;

  /** names the partition */
  @PrimaryColumn('timestamptz', { name: 'message_created_at' })
  messageCreatedAt!: Date;

  @Column('text')
  status!: string;

  @Column('timestamptz')
  at!: Date;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt!: Date;

  @Column('json', { nullable: true })
  detail!: JsonObject | null;
}
