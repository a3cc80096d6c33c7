import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A setup that was sent to the network's consent screen and has not come back yet. */
@Entity('onboarding_state')
export class OnboardingStateEntity {
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('text')
  channel!: string;

  /** who started it: the id of an API key, `admin`, or `ticket` */
  @Column('text', { name: 'started_by' })
  startedBy!: string;

  /** whom the result is told to */
  @Column('text')
  origin!: string;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;
}
