import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A receipt that came before our own record of the message it speaks of (or of which there never will be one). */
@Entity('unmatched_receipt')
@Index('unmatched_receipt_recorded', ['recordedAt'])
@Index('unmatched_receipt_foreign', ['recordedAt'], { where: 'is_foreign' })
export class UnmatchedReceiptEntity {
  @PrimaryColumn('uuid', { name: 'account_id' })
  accountId!: string;

  @PrimaryColumn('text', { name: 'provider_id' })
  providerId!: string;

  /** what makes a repeat a repeat */
  @PrimaryColumn('text')
  key!: string;

  @Column('json')
  receipt!: object;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt!: Date;

  /** told of a message that another system sent on the same account, and not counted yet */
  @Column('boolean', { name: 'is_foreign' })
  isForeign!: boolean;
}
