import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** One account's conversation with one contact, for good. Order and window belong to it; dialogs come and go on it. */
@Entity('thread')
@Unique('thread_parties', ['accountId', 'contactId'])
@Index('thread_contact', ['contactId'])
export class ThreadEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('uuid', { name: 'account_id' })
  accountId!: string;

  @Column('uuid', { name: 'contact_id' })
  contactId!: string;

  /** when the customer last wrote: what opens the window */
  @Column('timestamptz', { name: 'last_inbound_at', nullable: true })
  lastInboundAt!: Date | null;

  /** us, handover or standby; see {@link ThreadResponder} */
  @Column('text', { nullable: true })
  responder!: string | null;

  /** since when, by the network's clock */
  @Column('timestamptz', { name: 'responder_at', nullable: true })
  responderAt!: Date | null;

  /** the person blocked or left the account, and gets nothing more until they come back */
  @Column('boolean', { name: 'is_lost', default: false })
  isLost!: boolean;

  /** since when the network, or a message of the person's, says so */
  @Column('timestamptz', { name: 'reach_at', nullable: true })
  reachAt!: Date | null;

  /** the other side is several people */
  @Column('boolean', { name: 'is_group', default: false })
  isGroup!: boolean;

  /** by the network's clock: what was sent to the person until then was delivered */
  @Column('timestamptz', { name: 'delivered_up_to', nullable: true })
  deliveredUpTo!: Date | null;

  /** the same, read */
  @Column('timestamptz', { name: 'read_up_to', nullable: true })
  readUpTo!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
