import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The lock of a line (a thread and a class), and the name of its first open message. */
@Entity('head')
export class HeadEntity {
  @PrimaryColumn('uuid', { name: 'thread_id' })
  threadId!: string;

  @PrimaryColumn('smallint')
  class!: number;

  @Column('uuid', { name: 'message_id' })
  messageId!: string;
}
