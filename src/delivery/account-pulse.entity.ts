import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When an account's messages were last accepted, and when a receipt last came for it. */
@Entity('account_pulse')
export class AccountPulseEntity {
  @PrimaryColumn('uuid', { name: 'account_id' })
  accountId!: string;

  @Column('timestamptz', { name: 'accepted_at', nullable: true })
  acceptedAt!: Date | null;

  @Column('timestamptz', { name: 'receipt_at', nullable: true })
  receiptAt!: Date | null;

  /** accepted since the last receipt */
  @Column('integer')
  unreceipted!: number;

  @Column('timestamptz', { name: 'unreceipted_since', nullable: true })
  unreceiptedSince!: Date | null;
}
