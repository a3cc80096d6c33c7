import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** An API key, hashed: the key itself is shown once and kept nowhere. */
@Entity('api_key')
@Unique('api_key_hash', ['hash'])
export class ApiKeyEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('bytea')
  hash!: Buffer;

  @Column('text', { array: true })
  permissions!: string[];

  /** null: all gateways */
  @Column('uuid', { array: true, nullable: true })
  gateways!: string[] | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;
}
