import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What another system had opened before we were here. */
@Entity('tier_seed')
@Index('tier_seed_lapse', ['lapsesAt'])
export class TierSeedEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'portfolio_id' })
  portfolioId!: string;

  @Column('integer')
  opened!: number;

  @Column('timestamptz', { name: 'opened_at' })
  openedAt!: Date;

  @Column('timestamptz', { name: 'lapses_at' })
  lapsesAt!: Date;
}
