import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a caller's request with an idempotency key was answered, so that its repeat gets the same answer. */
@Entity('idempotency_key')
@Index('idempotency_key_created', ['createdAt'])
export class IdempotencyKeyEntity {
  /** whose key it is */
  @PrimaryColumn('text')
  owner!: string;

  @PrimaryColumn('text')
  key!: string;

  @Column('bytea', { name: 'body_hash' })
  bodyHash!: Buffer;

  /** null while the first request still runs */
  @Column('smallint', { nullable: true })
  status!: number | null;

  @Column('json', { nullable: true })
  answer!: object | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
