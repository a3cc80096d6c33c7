import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** People that a business opened outside of windows, by day. */
@Entity('portfolio_day')
@Index('portfolio_day_day', ['day'])
export class PortfolioDayEntity {
  @PrimaryColumn('text', { name: 'portfolio_id' })
  portfolioId!: string;

  /** UTC */
  @PrimaryColumn('date')
  day!: string;

  @Column('integer')
  opened!: number;
}
