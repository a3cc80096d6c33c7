import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** What a message of a category to a country costs from a day on. */
@Entity('rate')
@Unique('rate_entry', ['country', 'category', 'currency', 'validFrom'])
export class RateEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  market!: string;

  /** ISO 3166; *: every other one */
  @Column('text')
  country!: string;

  /** ISO 4217 */
  @Column('text')
  currency!: string;

  @Column('text')
  category!: string;

  @Column('numeric')
  price!: string;

  @Column('date', { name: 'valid_from' })
  validFrom!: string;
}
