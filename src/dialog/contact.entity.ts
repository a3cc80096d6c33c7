import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The other side: a person or business that accounts write with. */
@Entity('contact')
export class ContactEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { nullable: true })
  name!: string | null;

  /** when a network was last asked who this is */
  @Column('timestamptz', { name: 'profile_asked_at', nullable: true })
  profileAskedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;

  /** the contact that everything of this one belongs to now: both turned out to be one person */
  @Column('uuid', { name: 'merged_into', nullable: true })
  mergedInto!: string | null;
}
