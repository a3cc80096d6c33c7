import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What shares one messaging limit. */
@Entity('portfolio')
export class PortfolioEntity {
  /** channel and the network’s id of the business, or of the group where that is unknown */
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  channel!: string;

  /** the network’s own word */
  @Column('text', { nullable: true })
  tier!: string | null;

  /** people in 24 h */
  @Column('integer', { name: 'messaging_limit', nullable: true })
  messagingLimit!: number | null;

  @Column('boolean')
  unlimited!: boolean;

  @Column('timestamptz', { name: 'told_at', nullable: true })
  toldAt!: Date | null;

  @Column('text', { nullable: true })
  source!: string | null;

  @Column('integer')
  used!: number;

  @Column('integer', { name: 'used_authentication' })
  usedAuthentication!: number;

  @Column('integer', { name: 'used_utility' })
  usedUtility!: number;

  @Column('timestamptz', { name: 'known_since' })
  knownSince!: Date;

  @Column('timestamptz', { name: 'seeded_at', nullable: true })
  seededAt!: Date | null;
}
