import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** A callback of a provider, byte for byte as it came in. */
@Entity('provider_event')
export class ProviderEventEntity {
  @PrimaryGeneratedColumn('increment', { type: 'bigint' })
  id!: string;

  /** names the partition */
  @PrimaryColumn('timestamptz', { name: 'received_at' })
  receivedAt!: Date;

  /** a gateway's id, or a shared callback such as meta/<app id> */
  @Column('text')
  scope!: string;

  @Column('bytea')
  body!: Buffer;
}
