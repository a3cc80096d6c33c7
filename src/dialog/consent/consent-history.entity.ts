import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { ContactEntity } from '../contact.entity.js';
import type { ConsentState, ConsentTopic } from './consent.js';

/** Everything that was ever recorded, also what was older than what stands. Rows are only added; the same record is there once. */
@Entity('consent_history')
@Unique('consent_history_once', ['contactId', 'topic', 'at', 'state', 'how', 'source'])
export class ConsentHistoryEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'contact_id' })
  @ForeignKey(() => ContactEntity, { name: 'consent_history_contact' })
  contactId!: string;

  @Column('text')
  topic!: ConsentTopic;

  @Column('text')
  state!: ConsentState;

  /** when the person said so, by the clock of whoever told us */
  @Column('timestamptz')
  at!: Date;

  @Column('text')
  how!: string;

  @Column('text', { nullable: true })
  what!: string | null;

  /** the message in which it was said; empty where there is none. Within one second a person may change their mind */
  @Column('text')
  source!: string;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt!: Date;
}
