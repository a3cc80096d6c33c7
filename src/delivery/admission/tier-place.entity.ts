import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A person that the business opened outside of a window: one place of its messaging limit. */
@Entity('tier_place')
@Index('tier_place_lapse', ['lapsesAt'], { where: 'lapses_at IS NOT NULL' })
@Index('tier_place_contact', ['contactId'])
export class TierPlaceEntity {
  @PrimaryColumn('text', { name: 'portfolio_id' })
  portfolioId!: string;

  @PrimaryColumn('uuid', { name: 'contact_id' })
  contactId!: string;

  @Column('smallint')
  class!: number;

  /** open or accepted messages that rely on it */
  @Column('uuid', { name: 'message_ids', array: true })
  messageIds!: string[];

  /** delivered: it stays until it lapses */
  @Column('boolean')
  counted!: boolean;

  @Column('timestamptz', { name: 'opened_at' })
  openedAt!: Date;

  @Column('timestamptz', { name: 'lapses_at', nullable: true })
  lapsesAt!: Date | null;
}
