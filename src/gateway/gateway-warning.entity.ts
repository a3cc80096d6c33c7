import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something about a gateway that a person should look at, found while it runs. */
@Entity('gateway_warning')
export class GatewayWarningEntity {
  @PrimaryColumn('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @PrimaryColumn('text')
  code!: string;

  /** whom of the gateway it is about, e.g. an account's address; '' is the gateway itself */
  @PrimaryColumn('text')
  subject!: string;

  /** what has to change for the same warning to be worth another word */
  @Column('text')
  level!: string;

  @Column('text')
  detail!: string;

  @Column('timestamptz', { name: 'raised_at' })
  raisedAt!: Date;

  /** it ends by itself */
  @Column('timestamptz', { nullable: true })
  until!: Date | null;
}
