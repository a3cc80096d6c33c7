import type { Client } from 'pg';
import { eventually } from './patchbay.js';

/** What goes on by itself, in SQL: webhooks that are not read, events that are not told, messages that are about to leave. */
const UNDER_WAY = `
  SELECT 'inbox_pending' AS what FROM patchbay.inbox_pending
  UNION ALL SELECT 'event_delivery' FROM patchbay.event_delivery WHERE state <> 'parked'
  UNION ALL SELECT 'outbound ' || state FROM patchbay.outbound
    WHERE state IN ('admitted', 'sending') OR (state = 'ready' AND held_reason IS NULL) OR held_reason IN ('retry', 'pace', 'doubt')
  LIMIT 1`;

/** Resolves when nothing changes a table any more but what a test does. To be awaited before rows are counted. */
export async function untilQuiet(database: Client): Promise<void> {
  await eventually('quiet', async () => {
    const [busy] = (await database.query<{ what: string }>(UNDER_WAY)).rows;
    if (busy) throw new Error(`${busy.what} is under way`);
    return true;
  });
}
