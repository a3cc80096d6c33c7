import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a person must be spared for a while. */
@Entity('thread_hold')
@Index('thread_hold_until', ['until'])
export class ThreadHoldEntity {
  @PrimaryColumn('uuid', { name: 'thread_id' })
  threadId!: string;

  /** -1: every class */
  @PrimaryColumn('smallint')
  class!: number;

  @Column('text')
  reason!: string;

  @Column('text')
  detail!: string;

  @Column('timestamptz')
  until!: Date;
}
