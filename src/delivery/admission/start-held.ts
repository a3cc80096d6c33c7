import type { Database } from '../../platform/database/database.js';
import { newId } from '../../platform/ids/ids.js';
import type { Log } from '../../platform/logging/log.js';

const REASON = 'The process was started with START_HELD=true.';

/**
 * Stops all sending before anything could have been admitted: a database that was restored from a backup believes that what
 * was sent since then is still to be sent. What it shows as admitted goes back, since its jobs may have been restored too. It
 * lasts until somebody resumes.
 */
export async function holdEverything(database: Database, log: Log): Promise<void> {
  await database.query(
    `INSERT INTO pause (id, reason, since) SELECT $1, $2, now()
     WHERE NOT EXISTS (SELECT FROM pause WHERE gateway_id IS NULL AND account_id IS NULL AND class IS NULL AND until IS NULL)`,
    [newId(), REASON],
  );
  await database.query(
    `UPDATE outbound SET state = 'ready', attempt = attempt - 1, changed_at = now() WHERE state = 'admitted'`,
  );
  log.warn({}, 'START_HELD: nothing is sent until POST /api/v1/limits/resume; unset START_HELD before the next start');
}
