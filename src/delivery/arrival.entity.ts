import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Price } from '../contract/index.js';

/** A message of ours that has just arrived and is not counted yet. Rows live for a second. */
@Entity('arrival')
export class ArrivalEntity {
  @PrimaryColumn('uuid', { name: 'message_id' })
  messageId!: string;

  @Column('uuid', { name: 'account_id' })
  accountId!: string;

  @Column('timestamptz')
  at!: Date;

  /** of the person, digits */
  @Column('text', { nullable: true })
  phone!: string | null;

  @Column('text', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('json', { nullable: true })
  price!: Price | null;
}
