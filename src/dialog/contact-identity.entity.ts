import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { IdentityKind } from './person.js';

/** One name of a contact, unique in its scope as long as it is current. */
@Entity('contact_identity')
@Index('contact_identity_current', ['kind', 'scope', 'value'], { unique: true, where: 'replaced_at IS NULL' })
@Index('contact_identity_by_contact', ['contactId'])
export class ContactIdentityEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'contact_id' })
  contactId!: string;

  @Column('text')
  kind!: IdentityKind;

  @Column('text')
  scope!: string;

  @Column('text')
  value!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  /** it may have been replaced, the network did not say by what */
  @Column('boolean', { default: false })
  outdated!: boolean;

  /** since when it no longer names this contact */
  @Column('timestamptz', { name: 'replaced_at', nullable: true })
  replacedAt!: Date | null;
}
