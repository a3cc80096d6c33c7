import { Injectable } from '@nestjs/common';
import type { JsonObject, JsonValue, TemplateParameters, TemplateStanding } from '../contract/index.js';
import { storable } from '../gateway/storable.js';
import { Database, type Sql } from '../platform/database/database.js';
import type { TemplateGroup } from './what-changed.js';

/** What is known of one template. */
export interface Template {
  readonly id: string;
  readonly groupId: string;
  readonly name: string;
  readonly language: string;
  readonly providerId: string | null;
  readonly category: string;
  readonly status: string;
  readonly standing: TemplateStanding;
  readonly quality: string | null;
  readonly reason: string | null;
  readonly pausedUntil: Date | null;
  readonly parameters: TemplateParameters;
  readonly components: readonly JsonObject[];
}

export interface StoredTemplate extends Template {
  readonly toldAt: Date | null;
  readonly toldKey: string | null;
  readonly notedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ListedTemplate extends StoredTemplate {
  readonly gatewayId: string;
  readonly channel: string;
  /** the group's address */
  readonly group: string;
  readonly syncedAt: Date | null;
}

/** What is written when news came. */
export interface TemplateNote extends Pick<
  Template,
  'category' | 'status' | 'standing' | 'quality' | 'reason' | 'pausedUntil'
> {
  readonly toldAt: Date | null;
  readonly toldKey: string | null;
}

export interface TemplateFilter {
  /** null: all */
  readonly gateways: readonly string[] | null;
  readonly name?: string;
  readonly status?: string;
  readonly before?: string;
  readonly limit: number;
}

const COLUMNS = `t.id, t.group_id AS "groupId", t.name, t.language, t.provider_id AS "providerId", t.category, t.status, t.standing,
  t.quality, t.reason, t.paused_until AS "pausedUntil", t.parameters, t.components, t.told_at AS "toldAt", t.told_key AS "toldKey",
  t.noted_at AS "notedAt", t.created_at AS "createdAt", t.updated_at AS "updatedAt"`;

const LISTED = `${COLUMNS}, g.gateway_id AS "gatewayId", g.channel, g.address AS "group", s.synced_at AS "syncedAt"
  FROM template t JOIN account_group g ON g.id = t.group_id AND g.removed_at IS NULL
    JOIN gateway w ON w.id = g.gateway_id AND w.deleted_at IS NULL
    LEFT JOIN template_sync s ON s.group_id = t.group_id`;

export function templateKey({ groupId, name, language }: Pick<Template, 'groupId' | 'name' | 'language'>): string {
  return `${groupId}\u001f${name}\u001f${language}`;
}

@Injectable()
export class TemplateRepository {
  constructor(private readonly database: Database) {}

  async find(
    groupId: string,
    name: string,
    language: string,
    { sql = this.database, lock = false }: { sql?: Sql; lock?: boolean } = {},
  ): Promise<StoredTemplate | undefined> {
    const [row] = await sql.query<StoredTemplate>(
      `SELECT ${COLUMNS} FROM template t WHERE t.group_id = $1 AND t.name = $2 AND t.language = $3 ${lock ? 'FOR UPDATE' : ''}`,
      [groupId, name, language],
    );
    return row;
  }

  /** By {@link templateKey}. */
  async findAll(
    keys: readonly { groupId: string; name: string; language: string }[],
  ): Promise<ReadonlyMap<string, StoredTemplate>> {
    const distinct = [...new Map(keys.map((key) => [templateKey(key), key])).values()];
    if (distinct.length === 0) return new Map();
    const rows = await this.database.query<StoredTemplate>(
      `SELECT ${COLUMNS} FROM unnest($1::uuid[], $2::text[], $3::text[]) AS k (group_id, name, language)
       JOIN template t ON t.group_id = k.group_id AND t.name = k.name AND t.language = k.language`,
      [
        distinct.map(({ groupId }) => groupId),
        distinct.map(({ name }) => name),
        distinct.map(({ language }) => language),
      ],
    );
    return new Map(rows.map((row) => [templateKey(row), row]));
  }

  /** The languages in which a template of that name may be sent. */
  async languagesOf(groupId: string, name: string): Promise<readonly string[]> {
    const rows = await this.database.query<{ language: string }>(
      `SELECT language FROM template WHERE group_id = $1 AND name = $2 AND standing <> 'unusable' ORDER BY language`,
      [groupId, name],
    );
    return rows.map(({ language }) => language);
  }

  /** Newest first. */
  page({ gateways, name, status, before, limit }: TemplateFilter): Promise<ListedTemplate[]> {
    return this.database.query(
      `SELECT ${LISTED}
       WHERE ($1::uuid[] IS NULL OR g.gateway_id = ANY($1)) AND ($2::text IS NULL OR t.name = $2)
         AND ($3::text IS NULL OR t.status = $3) AND ($4::uuid IS NULL OR t.id < $4)
       ORDER BY t.id DESC LIMIT $5`,
      [gateways, name ?? null, status ?? null, before ?? null, limit],
    );
  }

  /** All templates of a group, locked. */
  lockGroup(sql: Sql, groupId: string): Promise<StoredTemplate[]> {
    return sql.query(`SELECT ${COLUMNS} FROM template t WHERE t.group_id = $1 ORDER BY t.id FOR UPDATE`, [groupId]);
  }

  /** As `page` has it; undefined also where the gateway is out of reach. `gateways` null: all. */
  async byId(id: string, gateways: readonly string[] | null): Promise<ListedTemplate | undefined> {
    const [row] = await this.database.query<ListedTemplate>(
      `SELECT ${LISTED} WHERE t.id = $1 AND ($2::uuid[] IS NULL OR g.gateway_id = ANY($2))`,
      [id, gateways],
    );
    return row;
  }

  /**
   * Adds and changes; what was told by news is left as it is.
   *
   * @param noted what a person changed from here: a reading that was begun before knows less
   */
  async write(sql: Sql, templates: readonly Template[], now: Date, { noted = false } = {}): Promise<void> {
    if (templates.length === 0) return;
    await sql.query(
      `INSERT INTO template (id, group_id, name, language, provider_id, category, status, standing, quality, reason, paused_until,
         parameters, components, noted_at, created_at, updated_at)
       SELECT t.id, t."groupId", t.name, t.language, t."providerId", t.category, t.status, t.standing, t.quality, t.reason,
         t."pausedUntil", t.parameters, t.components, CASE WHEN $3 THEN $2::timestamptz END, $2, $2
       FROM json_to_recordset($1::json) AS t (id uuid, "groupId" uuid, name text, language text, "providerId" text, category text,
         status text, standing text, quality text, reason text, "pausedUntil" timestamptz, parameters json, components json)
       ON CONFLICT (group_id, name, language) DO UPDATE SET provider_id = excluded.provider_id, category = excluded.category,
         status = excluded.status, standing = excluded.standing, quality = excluded.quality, reason = excluded.reason,
         paused_until = excluded.paused_until, parameters = excluded.parameters, components = excluded.components,
         noted_at = coalesce(excluded.noted_at, template.noted_at), updated_at = excluded.updated_at`,
      [JSON.stringify(storable(JSON.parse(JSON.stringify(templates)) as JsonValue)), now, noted],
    );
  }

  async note(sql: Sql, id: string, note: TemplateNote, now: Date): Promise<void> {
    await sql.query(
      `UPDATE template SET category = $2, status = $3, standing = $4, quality = $5, reason = $6, paused_until = $7, told_at = $8,
         told_key = $9, noted_at = $10, updated_at = $10
       WHERE id = $1`,
      [
        id,
        storable(note.category),
        storable(note.status),
        note.standing,
        note.quality === null ? null : storable(note.quality),
        note.reason === null ? null : storable(note.reason),
        note.pausedUntil,
        note.toldAt,
        note.toldKey === null ? null : storable(note.toldKey),
        now,
      ],
    );
  }

  /** The paused templates of an account's group, locked against a change of that for the rest of the transaction. */
  pausedOf(
    sql: Sql,
    accountId: string,
  ): Promise<Pick<Template, 'id' | 'name' | 'language' | 'reason' | 'pausedUntil'>[]> {
    return sql.query(
      `SELECT id, name, language, reason, paused_until AS "pausedUntil" FROM template
       WHERE group_id = (SELECT group_id FROM account WHERE id = $1) AND standing = 'paused' ORDER BY id FOR SHARE`,
      [accountId],
    );
  }

  /** Groups with a pause that should be over. Each is named once: from then on only the network knows. */
  async pausesOver(now: Date): Promise<readonly string[]> {
    const rows = await this.database.query<{ group_id: string }>(
      `UPDATE template SET paused_until = NULL WHERE standing = 'paused' AND paused_until <= $1 RETURNING group_id`,
      [now],
    );
    return [...new Set(rows.map(({ group_id }) => group_id))];
  }

  /** Where a group is. */
  async groupOf(sql: Sql, groupId: string): Promise<TemplateGroup | undefined> {
    const [row] = await sql.query<TemplateGroup>(
      'SELECT gateway_id AS "gatewayId", channel, address AS "group" FROM account_group WHERE id = $1',
      [groupId],
    );
    return row;
  }

  /** A gateway's own group with this address. */
  async groupId(sql: Sql, gatewayId: string, channel: string, address: string): Promise<string | undefined> {
    const [row] = await sql.query<{ id: string }>(
      'SELECT id FROM account_group WHERE gateway_id = $1 AND channel = $2 AND address = $3 AND removed_at IS NULL',
      [gatewayId, channel, address],
    );
    return row?.id;
  }
}
