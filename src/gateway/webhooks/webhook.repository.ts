import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../../platform/database/database.js';
import { forgetSubscribers } from '../../platform/outbox/outbox.js';
import type { EncryptedValue } from '../stored-metadata.js';

export interface WebhookRow {
  readonly id: string;
  readonly url: string;
  readonly secret: EncryptedValue;
  readonly events: readonly string[];
  /** null: all */
  readonly gateways: readonly string[] | null;
  readonly disabled_reason: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** Writers notify in their own transaction, so that other processes hear of it with the commit. */
export const WEBHOOK_CHANGES = 'patchbay_webhook';

const COLUMNS = 'id, url, secret, events, gateways, disabled_reason, created_at, updated_at';
const INSERT = `INSERT INTO webhook (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
const SUBSCRIBER_PREFIX = 'webhook:';

/** The name by which the outbox knows a webhook. */
export function subscriberOf(webhookId: string): string {
  return SUBSCRIBER_PREFIX + webhookId;
}

/** Undefined for whoever is no webhook. */
export function webhookIdOf(subscriber: string): string | undefined {
  return subscriber.startsWith(SUBSCRIBER_PREFIX) ? subscriber.slice(SUBSCRIBER_PREFIX.length) : undefined;
}

@Injectable()
export class WebhookRepository {
  constructor(private readonly database: Database) {}

  all(): Promise<WebhookRow[]> {
    return this.database.query(`SELECT ${COLUMNS} FROM webhook ORDER BY id`);
  }

  /** `within`: only webhooks that reach nothing beyond these gateways; null: every one */
  list(within: readonly string[] | null, before: string | undefined, limit: number): Promise<WebhookRow[]> {
    return this.database.query(
      `SELECT ${COLUMNS} FROM webhook
       WHERE ($1::uuid[] IS NULL OR gateways <@ $1::uuid[]) AND ($2::uuid IS NULL OR id < $2::uuid)
       ORDER BY id DESC LIMIT $3`,
      [within, before ?? null, limit],
    );
  }

  async byId(id: string, within: readonly string[] | null): Promise<WebhookRow | undefined> {
    const [row] = await this.database.query<WebhookRow>(
      `SELECT ${COLUMNS} FROM webhook WHERE id = $1 AND ($2::uuid[] IS NULL OR gateways <@ $2::uuid[])`,
      [id, within],
    );
    return row;
  }

  async insert(row: WebhookRow): Promise<void> {
    await this.database.transaction(async (sql) => {
      await sql.query(INSERT, valuesOf(row));
      await notifyChanged(sql);
    });
  }

  /** One that is there already keeps everything but what it wants to be told. */
  async declare(row: WebhookRow): Promise<void> {
    await this.database.transaction(async (sql) => {
      const changed = await sql.query(
        `${INSERT} ON CONFLICT (id) DO UPDATE SET url = excluded.url, events = excluded.events, updated_at = excluded.updated_at
         WHERE (webhook.url, webhook.events) IS DISTINCT FROM (excluded.url, excluded.events) RETURNING id`,
        valuesOf(row),
      );
      if (changed.length > 0) await notifyChanged(sql);
    });
  }

  /** What is null stays as it is. Undefined when there is no such webhook (within those gateways). */
  async update(
    id: string,
    within: readonly string[] | null,
    { url, events, gateways }: { [Field in 'url' | 'events' | 'gateways']: WebhookRow[Field] | null },
    at: Date,
  ): Promise<WebhookRow | undefined> {
    return this.database.transaction(async (sql) => {
      const [row] = await sql.query<WebhookRow>(
        `UPDATE webhook SET url = COALESCE($3, url), events = COALESCE($4::text[], events),
           gateways = COALESCE($5::uuid[], gateways), disabled_reason = NULL, updated_at = $6
         WHERE id = $1 AND ($2::uuid[] IS NULL OR gateways <@ $2::uuid[]) RETURNING ${COLUMNS}`,
        [id, within, url, events, gateways, at],
      );
      if (row) await notifyChanged(sql);
      return row;
    });
  }

  /** False when there is no such webhook (within those gateways). */
  async delete(id: string, within: readonly string[] | null): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      const rows = await sql.query(
        'DELETE FROM webhook WHERE id = $1 AND ($2::uuid[] IS NULL OR gateways <@ $2::uuid[]) RETURNING id',
        [id, within],
      );
      if (rows.length > 0) await notifyChanged(sql);
      return rows.length > 0;
    });
  }

  /** What waits for a webhook that was deleted. */
  async forget(id: string): Promise<void> {
    await this.database.transaction((sql) => forgetSubscribers(sql, [subscriberOf(id)]));
  }

  async disable(id: string, reason: string, at: Date): Promise<void> {
    await this.database.transaction(async (sql) => {
      await sql.query('UPDATE webhook SET disabled_reason = $2, updated_at = $3 WHERE id = $1', [id, reason, at]);
      await notifyChanged(sql);
    });
  }
}

function valuesOf(row: WebhookRow): unknown[] {
  return [
    row.id,
    row.url,
    JSON.stringify(row.secret),
    row.events,
    row.gateways,
    row.disabled_reason,
    row.created_at,
    row.updated_at,
  ];
}

async function notifyChanged(sql: Sql): Promise<void> {
  await sql.query('SELECT pg_notify($1, $2)', [WEBHOOK_CHANGES, '*']);
}
