import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the network holds of an account, by class of messages. */
@Entity('class_hold')
export class ClassHoldEntity {
  @PrimaryColumn('uuid', { name: 'account_id' })
  accountId!: string;

  @PrimaryColumn('smallint')
  class!: number;

  /** our neutral code, e.g. `rate.spam` */
  @PrimaryColumn('text')
  code!: string;

  @Column('text')
  detail!: string;

  @Column('timestamptz')
  since!: Date;

  /** empty where only a change ends it */
  @Column('timestamptz', { nullable: true })
  until!: Date | null;
}
