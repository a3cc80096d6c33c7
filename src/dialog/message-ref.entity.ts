import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A provider's message id and the message that it names. One row is one effect: a repeat finds it taken. */
@Entity('message_ref')
export class MessageRefEntity {
  @PrimaryColumn('uuid', { name: 'account_id' })
  accountId!: string;

  @PrimaryColumn('text', { name: 'provider_id' })
  providerId!: string;

  @Column('uuid', { name: 'message_id' })
  messageId!: string;
}
