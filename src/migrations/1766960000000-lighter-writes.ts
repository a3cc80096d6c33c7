import type { MigrationInterface, QueryRunner } from 'typeorm';

/** They may hold a million waiting messages: every vacuum reads all of their indexes, so it must not come for every 2,000 that left. */
const BACKLOG = ['outbound', 'head', 'pair_pace'];

/**
 * They fill and empty all day. Giving their last pages back to the file system needs a lock that nobody else may hold, and everybody waits
 * for; they are filled again a moment later.
 */
const QUEUES = ['outbound', 'head', 'arrival', 'inbox_pending', 'event_line', 'event_delivery'];

/** as they are today; partitions that come later are made with the like of it */
const UNSEARCHED: Readonly<Record<string, readonly string[]>> = {
  message: [
    'content',
    'fallback',
    'recipient',
    'metadata',
    'reply_to_provider',
    'referral',
    'error',
    'held',
    'price',
    'notes',
    'context',
    'timeline',
  ],
  provider_event: ['body'],
  event: ['body'],
};

/**
 * What every message pays for and nothing needs: the check that the contact of a name is there, which the same transaction has just
 * written (contacts are merged, never deleted); the study of what contents and timelines look like, which nobody searches by; and
 * vacuums that read a backlog, or keep everybody waiting, for very little.
 */
export class LighterWrites1766960000000 implements MigrationInterface {
  readonly name = 'LighterWrites1766960000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE contact_identity DROP CONSTRAINT contact_identity_contact');
    for (const table of BACKLOG)
      await queryRunner.query(`ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0.05)`);
    for (const table of QUEUES) await queryRunner.query(`ALTER TABLE ${table} SET (vacuum_truncate = off)`);
    // of the partitions that there are as well
    for (const [table, columns] of Object.entries(UNSEARCHED))
      await queryRunner.query(withStatistics(table, columns, 0));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of BACKLOG)
      await queryRunner.query(`ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0)`);
    for (const table of QUEUES) await queryRunner.query(`ALTER TABLE ${table} RESET (vacuum_truncate)`);
    await queryRunner.query(
      'ALTER TABLE contact_identity ADD CONSTRAINT contact_identity_contact FOREIGN KEY (contact_id) REFERENCES contact (id)',
    );
    for (const [table, columns] of Object.entries(UNSEARCHED))
      await queryRunner.query(withStatistics(table, columns, -1));
  }
}

function withStatistics(table: string, columns: readonly string[], target: number): string {
  return `ALTER TABLE ${table} ${columns.map((column) => `ALTER COLUMN ${column} SET STATISTICS ${target}`).join(', ')}`;
}
