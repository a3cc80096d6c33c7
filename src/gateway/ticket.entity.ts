import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A setup that may be started once without an API key, e.g. from a browser popup. */
@Entity('ticket')
export class TicketEntity {
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt!: Date | null;
}
