import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccountEntity } from '../gateway/account.entity.js';

/** Messages that arrived, by account and day and by what the network said of their price. */
@Entity('usage_day')
@Index('usage_day_day', ['day'])
export class UsageDayEntity {
  @PrimaryColumn('uuid', { name: 'account_id' })
  @ForeignKey(() => AccountEntity, { name: 'usage_day_account' })
  accountId!: string;

  /** in the zone in which the network counts */
  @PrimaryColumn('date')
  day!: string;

  /** the network's words */
  @PrimaryColumn('text')
  category!: string;

  @PrimaryColumn('text')
  type!: string;

  @PrimaryColumn('boolean')
  charged!: boolean;

  /** of the person, ISO 3166; ZZ: nobody knows */
  @PrimaryColumn('text')
  country!: string;

  /** under which a rate card lists the category */
  @Column('text', { name: 'rate_category' })
  rateCategory!: string;

  @Column('bigint')
  messages!: string;
}
