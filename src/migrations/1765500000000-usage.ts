import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What arrived, counted by day, and what it costs. */
export class Usage1765500000000 implements MigrationInterface {
  readonly name = 'Usage1765500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Between a receipt and its counting, which is a second later: the hot path writes nothing wider.
      CREATE TABLE arrival (
        message_id uuid PRIMARY KEY,
        account_id uuid NOT NULL,
        at timestamptz NOT NULL,
        phone text,
        user_id text,
        price json
      );

      -- day: in the zone in which the network counts. rate_category: under which a rate card lists the category.
      CREATE TABLE usage_day (
        account_id uuid NOT NULL,
        day date NOT NULL,
        category text NOT NULL,
        type text NOT NULL,
        charged boolean NOT NULL,
        country text NOT NULL,
        rate_category text NOT NULL,
        messages bigint NOT NULL,
        CONSTRAINT usage_day_pkey PRIMARY KEY (account_id, day, category, type, charged, country),
        CONSTRAINT usage_day_account FOREIGN KEY (account_id) REFERENCES account (id)
      );
      CREATE INDEX usage_day_day ON usage_day (day);

      CREATE TABLE rate (
        id uuid PRIMARY KEY,
        market text NOT NULL,
        country text NOT NULL,
        currency text NOT NULL,
        category text NOT NULL,
        price numeric NOT NULL,
        valid_from date NOT NULL,
        CONSTRAINT rate_entry UNIQUE (country, category, currency, valid_from)
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE arrival, usage_day, rate');
  }
}
