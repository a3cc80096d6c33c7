import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { RemoteError } from '../contract/index.js';
import type { MessagePart } from '../dialog/message-status.js';

/** One try to send a message, on record before anything goes on the wire. */
@Entity('attempt')
@Index('attempt_message', ['messageId'])
export class AttemptEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** the time inside `id`; names the partition */
  @PrimaryColumn('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('uuid', { name: 'message_id' })
  messageId!: string;

  @Column('text')
  part!: MessagePart;

  /** `sending` also when it was accepted: that is in the message's timeline, where it costs no write of its own */
  @Column('text')
  status!: string;

  @Column('json', { nullable: true })
  error!: RemoteError | null;

  @Column('timestamptz', { name: 'settled_at', nullable: true })
  settledAt!: Date | null;
}
