import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ContactEntity } from '../contact.entity.js';
import type { ConsentState, ConsentTopic } from './consent.js';

/** What stands: the newest record of a contact about a topic. */
@Entity('consent')
export class ConsentEntity {
  @PrimaryColumn('uuid', { name: 'contact_id' })
  @ForeignKey(() => ContactEntity, { name: 'consent_contact' })
  contactId!: string;

  @PrimaryColumn('text')
  topic!: ConsentTopic;

  @Column('text')
  state!: ConsentState;

  /** when the person said so; never later than we learned it */
  @Column('timestamptz')
  at!: Date;

  @Column('text')
  how!: string;

  @Column('text', { nullable: true })
  what!: string | null;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt!: Date;
}
