import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A receipt that came before our own record of the message it speaks of (or of which there never will be one). */
@Entity('unmatched_receipt')
@Index('unmatched_receipt_recorded', ['recordedAt'])
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
}
