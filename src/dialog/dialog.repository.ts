import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import { type Assignment, type BotStanding, NOBODY_ELSE, type StandingRow, standingOf } from './responder.js';
import type { Thread } from './thread.repository.js';

/** What bots and operators set on a dialog; the channel's own variables are added when they are read. */
export type DialogVariables = Readonly<Record<string, string>>;

export interface OpenDialog {
  readonly id: string;
  readonly threadId: string;
  readonly openedAt: Date;
  readonly variables: DialogVariables;
  readonly bot: BotStanding;
  /** made by this very call */
  readonly isNew: boolean;
}

/** How a dialog ended: by the API, its bot, the other side at the network, silence, or its customer's own word. */
export type CloseReason = 'api' | 'bot' | 'network' | 'idle' | 'customer';

/** A dialog with all that its events and views tell about it. */
export interface DialogRecord {
  readonly id: string;
  readonly threadId: string;
  readonly gatewayId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** null while it is open */
  readonly closeReason: CloseReason | null;
  readonly aliasOf: string | null;
  readonly variables: DialogVariables;
  readonly lastInboundAt: Date | null;
  readonly bot: BotStanding;
  readonly contact: ContactRecord;
}

export interface ContactRecord {
  readonly id: string;
  readonly name: string | null;
  readonly phone: string | null;
  readonly userId: string | null;
  readonly username: string | null;
}

interface Row extends StandingRow {
  id: string;
  thread_id: string;
  gateway_id: string;
  account_id: string;
  channel: string;
  opened_at: Date;
  closed_at: Date | null;
  close_reason: CloseReason | null;
  alias_of: string | null;
  variables: DialogVariables;
  last_inbound_at: Date | null;
  contact_id: string;
  contact_name: string | null;
  phone: string | null;
  user_id: string | null;
  username: string | null;
}

const RECORD = `
  SELECT d.id, d.thread_id, d.gateway_id, d.account_id, d.channel, d.opened_at, d.closed_at, d.close_reason, d.alias_of, d.variables,
    t.last_inbound_at, t.responder, d.bot_paused_until, d.bot_paused_by, d.assigned_to, d.assigned_at, d.assigned_until, c.id AS contact_id, c.name AS contact_name, i.phone, i.user_id, i.username
  FROM dialog d
  JOIN thread t ON t.id = d.thread_id
  JOIN contact c ON c.id = d.contact_id
  LEFT JOIN LATERAL (
    SELECT (array_agg(value ORDER BY created_at DESC) FILTER (WHERE kind = 'phone'))[1] AS phone,
      (array_agg(value ORDER BY created_at DESC) FILTER (WHERE kind = 'user'))[1] AS user_id,
      (array_agg(value ORDER BY created_at DESC) FILTER (WHERE kind = 'username'))[1] AS username
    FROM contact_identity WHERE contact_id = c.id AND replaced_at IS NULL
      AND (scope = d.channel OR scope LIKE d.channel || ':%')
  ) i ON true`;

@Injectable()
export class DialogRepository {
  constructor(private readonly clock: Clock) {}

  /** The open dialog of each thread, made where there is none. The threads must be locked. */
  async openFor(
    sql: Sql,
    threads: readonly (Thread & { channel: string })[],
  ): Promise<ReadonlyMap<string, OpenDialog>> {
    const result = new Map<string, OpenDialog>();
    const open = await sql.query<
      Pick<Row, 'id' | 'thread_id' | 'opened_at' | 'variables'> & Omit<StandingRow, 'responder'>
    >(
      `SELECT id, thread_id, opened_at, variables, bot_paused_until, bot_paused_by, assigned_to, assigned_at, assigned_until
       FROM dialog WHERE thread_id = ANY($1) AND closed_at IS NULL`,
      [threads.map(({ id }) => id)],
    );
    for (const row of open) {
      result.set(row.thread_id, {
        id: row.id,
        threadId: row.thread_id,
        openedAt: row.opened_at,
        variables: row.variables,
        bot: standingOf({ ...row, responder: null }),
        isNew: false,
      });
    }
    const missing = threads.filter(({ id }) => !result.has(id));
    if (missing.length === 0) return result;
    const now = this.clock.now();
    const made = missing.map((thread) => ({ id: newId(now), thread }));
    await sql.query(
      `INSERT INTO dialog (id, thread_id, gateway_id, account_id, contact_id, channel, variables, opened_at)
       SELECT id, thread_id, gateway_id, account_id, contact_id, channel, '{}', $7
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[])
         AS d (id, thread_id, gateway_id, account_id, contact_id, channel)`,
      [
        made.map(({ id }) => id),
        made.map(({ thread }) => thread.id),
        made.map(({ thread }) => thread.gatewayId),
        made.map(({ thread }) => thread.accountId),
        made.map(({ thread }) => thread.contactId),
        made.map(({ thread }) => thread.channel),
        now,
      ],
    );
    for (const { id, thread } of made)
      result.set(thread.id, { id, threadId: thread.id, openedAt: now, variables: {}, bot: NOBODY_ELSE, isNew: true });
    return result;
  }

  async records(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, DialogRecord>> {
    if (ids.length === 0) return new Map();
    const rows = await sql.query<Row>(`${RECORD} WHERE d.id = ANY($1)`, [ids]);
    return new Map(rows.map((row) => [row.id, toRecord(row)]));
  }

  async record(sql: Sql, id: string): Promise<DialogRecord | undefined> {
    return (await this.records(sql, [id])).get(id);
  }

  /** Newest first. */
  async list(
    sql: Sql,
    filter: { gatewayIds: readonly string[] | null; before: string | null; limit: number; isOpen: boolean | null },
  ): Promise<readonly DialogRecord[]> {
    const rows = await sql.query<Row>(
      `${RECORD}
       WHERE ($1::uuid[] IS NULL OR d.gateway_id = ANY($1)) AND ($2::uuid IS NULL OR d.id < $2)
         AND ($4::boolean IS NULL OR (d.closed_at IS NULL) = $4)
       ORDER BY d.id DESC LIMIT $3`,
      [filter.gatewayIds, filter.before, filter.limit, filter.isOpen],
    );
    return rows.map(toRecord);
  }

  /** Merges variables; an empty value removes one. */
  async setVariables(sql: Sql, id: string, variables: DialogVariables): Promise<void> {
    await sql.query(
      `UPDATE dialog SET variables = (
         SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(dialog.variables || $2::jsonb) WHERE value <> '""'
       ) WHERE id = $1`,
      [id, JSON.stringify(variables)],
    );
  }

  /** The bot is told of no message until then; a pause that ends later stands. */
  async pauseBot(sql: Sql, pauses: readonly { id: string; until: Date }[], by: 'human'): Promise<void> {
    await sql.query(
      `UPDATE dialog d SET bot_paused_until = GREATEST(d.bot_paused_until, p.until), bot_paused_by = $3
       FROM unnest($1::uuid[], $2::timestamptz[]) AS p (id, until) WHERE d.id = p.id`,
      [pauses.map(({ id }) => id), pauses.map(({ until }) => until), by],
    );
  }

  /** The bot answers again, whatever stopped it; what came meanwhile stays in the history. */
  async resumeBot(sql: Sql, id: string): Promise<void> {
    await sql.query(
      'UPDATE dialog SET bot_paused_until = NULL, bot_paused_by = NULL, assigned_to = NULL, assigned_at = NULL, assigned_until = NULL WHERE id = $1',
      [id],
    );
    await sql.query(
      `UPDATE thread t SET responder = 'us', responder_at = GREATEST(t.responder_at, $2)
       FROM dialog d WHERE d.id = $1 AND t.id = d.thread_id AND t.responder IS DISTINCT FROM 'us'`,
      [id, this.clock.now()],
    );
  }

  /** An operator takes an open dialog over, from the bot or from another operator. False when it is closed. */
  async assign(sql: Sql, id: string, { to, since, until }: Assignment): Promise<boolean> {
    const rows = await sql.query(
      'UPDATE dialog SET assigned_to = $2, assigned_at = $3, assigned_until = $4 WHERE id = $1 AND closed_at IS NULL RETURNING id',
      [id, to, since, until],
    );
    return rows.length > 0;
  }

  /** The operator lets go of it; whatever else keeps the bot quiet stands. */
  async release(sql: Sql, id: string): Promise<void> {
    await sql.query(
      'UPDATE dialog SET assigned_to = NULL, assigned_at = NULL, assigned_until = NULL WHERE id = $1 AND assigned_to IS NOT NULL',
      [id],
    );
  }

  /**
   * The open dialogs of these people as they were at these times. What was said later, by the network's clock, belongs to a dialog
   * that came after; so does a dialog that was opened later, unless by something that was said before and got here late. The
   * clocks may differ by a minute.
   */
  async openAt(
    sql: Sql,
    wanted: readonly { readonly accountId: string; readonly contactId: string; readonly at: Date }[],
  ): Promise<readonly string[]> {
    const rows = await sql.query<{ id: string }>(
      `SELECT DISTINCT d.id FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS k (account_id, contact_id, at)
       JOIN thread t ON t.account_id = k.account_id AND t.contact_id = k.contact_id
       JOIN dialog d ON d.thread_id = t.id AND d.closed_at IS NULL
       WHERE (t.last_inbound_at IS NULL OR t.last_inbound_at <= k.at)
         AND (d.opened_at <= k.at + interval '1 minute'
           OR EXISTS (SELECT FROM message m WHERE m.dialog_id = d.id AND m.direction = 'in' AND m.occurred_at <= k.at))`,
      [wanted.map(({ accountId }) => accountId), wanted.map(({ contactId }) => contactId), wanted.map(({ at }) => at)],
    );
    return rows.map(({ id }) => id);
  }

  /** False when it was closed already. */
  async close(sql: Sql, id: string, reason: CloseReason): Promise<boolean> {
    const rows = await sql.query(
      'UPDATE dialog SET closed_at = $2, close_reason = $3 WHERE id = $1 AND closed_at IS NULL RETURNING id',
      [id, this.clock.now(), reason],
    );
    return rows.length > 0;
  }
}

function toRecord(row: Row): DialogRecord {
  return {
    id: row.id,
    threadId: row.thread_id,
    gatewayId: row.gateway_id,
    accountId: row.account_id,
    channel: row.channel,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    closeReason: row.close_reason,
    aliasOf: row.alias_of,
    variables: row.variables,
    lastInboundAt: row.last_inbound_at,
    bot: standingOf(row),
    contact: {
      id: row.contact_id,
      name: row.contact_name,
      phone: row.phone,
      userId: row.user_id,
      username: row.username,
    },
  };
}
