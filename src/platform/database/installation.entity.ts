import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The one row that tells this installation from every other. */
@Entity('installation')
export class InstallationEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
