import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import type { ThreadResponder } from './responder.js';

/** One account's conversation with one contact, for good. Order and window belong to it; dialogs come and go on it. */
export interface ThreadParties {
  readonly gatewayId: string;
  readonly accountId: string;
  readonly contactId: string;
}

export interface ThreadTouch extends ThreadParties {
  /** when the customer wrote (opens the window), or null */
  readonly inboundAt: Date | null;
  /** the other side is known to be several people */
  readonly isGroup?: boolean;
}

/** What the network told of a person: gone, or back. */
export interface ReachNews {
  readonly threadId: string;
  readonly isLost: boolean;
  readonly at: Date;
}

export interface Thread extends ThreadParties {
  readonly id: string;
  readonly lastInboundAt: Date | null;
  /** null: nobody but us has been heard of */
  readonly responder: ThreadResponder | null;
  /** nothing reaches the person until they come back */
  readonly isLost: boolean;
}

export function threadKey({ accountId, contactId }: Pick<ThreadParties, 'accountId' | 'contactId'>): string {
  return `${accountId}:${contactId}`;
}

interface Row {
  id: string;
  gateway_id: string;
  account_id: string;
  contact_id: string;
  last_inbound_at: Date | null;
  responder: ThreadResponder['who'] | null;
  responder_at: Date | null;
  is_lost: boolean;
}

@Injectable()
export class ThreadRepository {
  constructor(private readonly clock: Clock) {}

  /**
   * Finds or makes the threads, notes that the customer wrote, and locks them (in a fixed order) until the transaction ends. A
   * network's clock that is ahead of ours keeps no window open for longer; what the customer did not write opens none (LEAST
   * passes over NULL).
   */
  async touch(sql: Sql, touches: readonly ThreadTouch[]): Promise<ReadonlyMap<string, Thread>> {
    const merged = new Map<string, ThreadTouch>();
    for (const touch of touches) {
      const before = merged.get(threadKey(touch));
      const isGroup = (before?.isGroup ?? false) || (touch.isGroup ?? false);
      const isLater = !before || (touch.inboundAt && (!before.inboundAt || before.inboundAt < touch.inboundAt));
      const { gatewayId, accountId, contactId, inboundAt } = isLater ? touch : before;
      merged.set(threadKey(touch), { gatewayId, accountId, contactId, inboundAt, isGroup });
    }
    const rows = [...merged.values()].sort((a, b) => (threadKey(a) < threadKey(b) ? -1 : 1));
    if (rows.length === 0) return new Map();
    const now = this.clock.now();
    const found = await sql.query<Row>(
      `INSERT INTO thread AS t (id, gateway_id, account_id, contact_id, last_inbound_at, created_at, is_group)
       SELECT id, gateway_id, account_id, contact_id,
         CASE WHEN inbound_at IS NOT NULL THEN LEAST(inbound_at, $6::timestamptz) END, $6, is_group
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $7::boolean[])
         WITH ORDINALITY AS n (id, gateway_id, account_id, contact_id, inbound_at, is_group, place)
       ORDER BY place
       ON CONFLICT (account_id, contact_id) DO UPDATE
         SET last_inbound_at = GREATEST(t.last_inbound_at, excluded.last_inbound_at), is_group = t.is_group OR excluded.is_group
       RETURNING id, gateway_id, account_id, contact_id, last_inbound_at, responder, responder_at, is_lost`,
      [
        rows.map(() => newId(now)),
        rows.map(({ gatewayId }) => gatewayId),
        rows.map(({ accountId }) => accountId),
        rows.map(({ contactId }) => contactId),
        rows.map(({ inboundAt }) => inboundAt),
        now,
        rows.map(({ isGroup = false }) => isGroup),
      ],
    );
    return new Map(
      found.map((row) => [threadKey({ accountId: row.account_id, contactId: row.contact_id }), toThread(row)]),
    );
  }

  /** The threads must be locked. */
  async setResponders(sql: Sql, rows: readonly { id: string; responder: ThreadResponder }[]): Promise<void> {
    if (rows.length === 0) return;
    await sql.query(
      `UPDATE thread t SET responder = r.who, responder_at = r.at
       FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS r (id, who, at) WHERE t.id = r.id`,
      [rows.map(({ id }) => id), rows.map(({ responder }) => responder.who), rows.map(({ responder }) => responder.at)],
    );
  }

  /** News that is older than what is known, or than the person's last message, changes nothing. */
  async setReach(sql: Sql, news: readonly ReachNews[]): Promise<void> {
    const latest = new Map<string, ReachNews>();
    for (const one of news) {
      const known = latest.get(one.threadId);
      if (!known || known.at <= one.at) latest.set(one.threadId, one);
    }
    if (latest.size === 0) return;
    const rows = [...latest.values()];
    await sql.query(
      `UPDATE thread t SET is_lost = n.is_lost, reach_at = n.at
       FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) AS n (id, is_lost, at)
       WHERE t.id = n.id AND (t.reach_at IS NULL OR t.reach_at <= n.at)
         AND (NOT n.is_lost OR t.last_inbound_at IS NULL OR t.last_inbound_at <= n.at)`,
      [rows.map(({ threadId }) => threadId), rows.map(({ isLost }) => isLost), rows.map(({ at }) => at)],
    );
  }

  /** When the customers last wrote, by {@link threadKey}; a glance, without a lock. */
  async lastInbound(
    sql: Sql,
    keys: readonly Pick<ThreadParties, 'accountId' | 'contactId'>[],
  ): Promise<ReadonlyMap<string, Date | null>> {
    if (keys.length === 0) return new Map();
    const rows = await sql.query<Pick<Row, 'account_id' | 'contact_id' | 'last_inbound_at'>>(
      `SELECT t.account_id, t.contact_id, t.last_inbound_at FROM unnest($1::uuid[], $2::uuid[]) AS k (account_id, contact_id)
       JOIN thread t ON t.account_id = k.account_id AND t.contact_id = k.contact_id`,
      [keys.map(({ accountId }) => accountId), keys.map(({ contactId }) => contactId)],
    );
    return new Map(
      rows.map((row) => [threadKey({ accountId: row.account_id, contactId: row.contact_id }), row.last_inbound_at]),
    );
  }
}

function toThread(row: Row): Thread {
  return {
    id: row.id,
    gatewayId: row.gateway_id,
    accountId: row.account_id,
    contactId: row.contact_id,
    lastInboundAt: row.last_inbound_at,
    responder: row.responder && row.responder_at && { who: row.responder, at: row.responder_at },
    isLost: row.is_lost,
  };
}
