import { Inject, Injectable } from '@nestjs/common';
import type { Held } from '../../dialog/message-status.js';
import type { Sql } from '../../platform/database/database.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import type { TemplateHoldsPort } from '../../template/template-hooks.js';
import { TemplateRepository } from '../../template/template.repository.js';

/** Heads taken out of the way in one pass; what is left over is left out of that pass, and taken by the next. */
const AT_ONCE = 2_000;

export interface TemplateHold {
  readonly messageIds: readonly string[];
  readonly held: Held;
}

/**
 * Messages whose template is paused. They are put out of admission's sight when their turn comes, and come back all together
 * when the pause ends: holding locks the template against that, and the end of a pause sees what was held before.
 */
@Injectable()
export class TemplateHolds implements TemplateHoldsPort {
  constructor(
    private readonly templates: TemplateRepository,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
  ) {}

  /** Holds the heads of an account that wait for a paused template; costs next to nothing where none is paused. */
  async hold(
    sql: Sql,
    accountId: string,
    now: Date,
  ): Promise<{ readonly paused: ReadonlyMap<string, Held>; readonly holds: readonly TemplateHold[] }> {
    const paused = await this.templates.pausedOf(sql, accountId);
    const holds: TemplateHold[] = [];
    const reasons = new Map<string, Held>();
    for (const { id, name, language, reason, pausedUntil } of paused) {
      const rows = await sql.query<{ message_id: string; was: string | null }>(
        `UPDATE outbound o SET state = 'held', held_reason = 'template', changed_at = $3
         FROM (
           SELECT message_id, held_reason FROM outbound
           WHERE template_id = $1 AND state = 'ready' AND account_id = $2
           LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
         ) AS h (message_id, was)
         WHERE o.message_id = h.message_id RETURNING o.message_id, h.was`,
        [id, accountId, now],
      );
      // One that the network itself refused for its template says so already.
      const messageIds = rows.filter(({ was }) => was !== 'template').map(({ message_id }) => message_id);
      const why = reason === null ? '' : ` (${reason})`;
      const held: Held = {
        reason: 'template',
        detail: `The network has paused the template ${name} (${language})${why}. It goes on by itself when that is over.`,
        ...(pausedUntil && { until: pausedUntil.toISOString() }),
      };
      reasons.set(id, held);
      if (messageIds.length > 0) holds.push({ messageIds, held });
      if (rows.length === AT_ONCE) this.admission.kick(accountId);
    }
    return { paused: reasons, holds };
  }

  async release(sql: Sql, templateIds: readonly string[], now: Date): Promise<ReadonlySet<string>> {
    const rows = await sql.query<{ account_id: string }>(
      `WITH freed AS (
         UPDATE outbound SET state = 'ready', held_reason = NULL, changed_at = $2
         WHERE template_id = ANY($1) AND state = 'held' AND held_reason = 'template' RETURNING account_id
       ) SELECT DISTINCT account_id FROM freed`,
      [templateIds, now],
    );
    return new Set(rows.map(({ account_id }) => account_id));
  }

  wake(accountIds: ReadonlySet<string>): void {
    for (const accountId of accountIds) this.admission.kick(accountId);
  }
}
