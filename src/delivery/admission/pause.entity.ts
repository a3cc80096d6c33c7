import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The stop switch. What is empty means all of them. */
@Entity('pause')
export class PauseEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'gateway_id', nullable: true })
  gatewayId!: string | null;

  @Column('uuid', { name: 'account_id', nullable: true })
  accountId!: string | null;

  @Column('smallint', { nullable: true })
  class!: number | null;

  @Column('text')
  reason!: string;

  @Column('timestamptz')
  since!: Date;

  @Column('timestamptz', { nullable: true })
  until!: Date | null;
}
