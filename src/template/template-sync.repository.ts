import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../platform/database/database.js';

/** What is to be read, and since when this reading has it to itself. */
export interface SyncClaim {
  readonly groupId: string;
  readonly gatewayId: string;
  readonly channel: string;
  /** the group's address */
  readonly group: string;
  readonly startedAt: Date;
}

export interface SyncState {
  /** of the last reading, if it failed */
  readonly error: string | null;
  readonly triedAt: Date | null;
  readonly runningUntil: Date | null;
  readonly syncedAt: Date | null;
  readonly listed: number;
}

/** Between two readings of one group, unless a person asks. */
export const SYNC_PAUSE_MS = 60_000;

/** A reading that lasts longer is held for dead. */
const LEASE_MS = 5 * 60_000;
const AT_ONCE = 20;

/** Who reads which group's list, and when. A claim is a lease in the row, so that no connection is held while the network answers. */
@Injectable()
export class TemplateSyncRepository {
  constructor(private readonly database: Database) {}

  async state(groupId: string, sql: Sql = this.database): Promise<SyncState | undefined> {
    const [row] = await sql.query<SyncState>(
      `SELECT tried_at AS "triedAt", running_until AS "runningUntil", synced_at AS "syncedAt", listed, error
       FROM template_sync WHERE group_id = $1`,
      [groupId],
    );
    return row;
  }

  /** Groups of these channels that were never read become due. */
  async addNew(channels: readonly string[], now: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO template_sync (group_id, due_at, listed, failures)
       SELECT g.id, $2, 0, 0 FROM account_group g JOIN gateway w ON w.id = g.gateway_id AND w.deleted_at IS NULL
       WHERE g.channel = ANY($1) AND g.removed_at IS NULL AND g.missing_since IS NULL
         AND NOT EXISTS (SELECT 1 FROM template_sync s WHERE s.group_id = g.id)
       ON CONFLICT DO NOTHING`,
      [channels, now],
    );
  }

  /** Groups whose time has come, or whose reading died; those that their gateway cannot ask about now are left out. */
  async due(now: Date): Promise<readonly string[]> {
    const rows = await this.database.query<{ group_id: string }>(
      `SELECT s.group_id FROM template_sync s
         JOIN account_group g ON g.id = s.group_id AND g.removed_at IS NULL AND g.missing_since IS NULL
         JOIN gateway w ON w.id = g.gateway_id AND w.deleted_at IS NULL AND w.enabled AND w.status <> 'parked'
       WHERE (s.due_at <= $1 AND s.running_until IS NULL) OR s.running_until <= $1
       ORDER BY s.due_at LIMIT ${AT_ONCE}`,
      [now],
    );
    return rows.map(({ group_id }) => group_id);
  }

  /**
   * Takes a group for one reading; undefined when another has it, or the last one was begun too short a time ago.
   *
   * @param nextAt when it is to be read again; what is wanted meanwhile moves it forward
   */
  async claim(
    groupId: string,
    { now, nextAt, isDue }: { now: Date; nextAt: Date; isDue: boolean },
  ): Promise<SyncClaim | undefined> {
    const [row] = await this.database.query<Omit<SyncClaim, 'startedAt'>>(
      `WITH taken AS (
         INSERT INTO template_sync AS s (group_id, due_at, tried_at, running_until, listed, failures)
         SELECT id, $3, $2, $4, 0, 0 FROM account_group WHERE id = $1 AND removed_at IS NULL
         ON CONFLICT (group_id) DO UPDATE SET due_at = $3, tried_at = $2, running_until = $4
         WHERE (s.running_until IS NULL OR s.running_until <= $2)
           AND ((s.due_at <= $2 AND $6) OR s.running_until IS NOT NULL OR s.tried_at IS NULL OR s.tried_at <= $5)
         RETURNING group_id
       )
       SELECT g.id AS "groupId", g.gateway_id AS "gatewayId", g.channel, g.address AS "group"
       FROM taken JOIN account_group g ON g.id = taken.group_id`,
      [groupId, now, nextAt, new Date(now.getTime() + LEASE_MS), new Date(now.getTime() - SYNC_PAUSE_MS), isDue],
    );
    return row && { ...row, startedAt: now };
  }

  /** False when the reading was held for dead meanwhile: what it read may be older than what is there. */
  async finish(sql: Sql, { groupId, startedAt }: SyncClaim, listed: number): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE template_sync SET running_until = NULL, synced_at = tried_at, listed = $3, failures = 0, error = NULL
       WHERE group_id = $1 AND tried_at = $2 AND running_until IS NOT NULL RETURNING group_id`,
      [groupId, startedAt, listed],
    );
    return rows.length > 0;
  }

  /** Returns how often it failed in a row, this time included. */
  async fail({ groupId, startedAt }: SyncClaim, error: string, retryAt: (failures: number) => Date): Promise<void> {
    const [row] = await this.database.query<{ failures: number }>(
      `UPDATE template_sync SET running_until = NULL, failures = LEAST(failures + 1, 100), error = $3
       WHERE group_id = $1 AND tried_at = $2 AND running_until IS NOT NULL RETURNING failures`,
      [groupId, startedAt, error],
    );
    if (row) await this.moveForward(this.database, [groupId], retryAt(row.failures));
  }

  /** To be read again soon, but not before the pause between two readings is over. */
  async want(sql: Sql, groupIds: readonly string[], now: Date): Promise<void> {
    if (groupIds.length === 0) return;
    // No lock where nothing changes: a campaign that fails wants the same reading a thousand times.
    await sql.query(
      `UPDATE template_sync SET due_at = GREATEST($2, tried_at + $3 * interval '1 millisecond')
       WHERE group_id = ANY($1) AND due_at > GREATEST($2, tried_at + $3 * interval '1 millisecond')`,
      [groupIds, now, SYNC_PAUSE_MS],
    );
  }

  /** A person asks: to be read now, whenever the last reading was. */
  wantNow(groupIds: readonly string[], now: Date): Promise<void> {
    return this.moveForward(this.database, groupIds, now);
  }

  async wantOfGateway(gatewayId: string, now: Date, isUrgent: boolean): Promise<void> {
    const rows = await this.database.query<{ id: string }>(
      'SELECT id FROM account_group WHERE gateway_id = $1 AND removed_at IS NULL',
      [gatewayId],
    );
    const ids = rows.map(({ id }) => id);
    if (isUrgent) await this.wantNow(ids, now);
    else await this.want(this.database, ids, now);
  }

  private async moveForward(sql: Sql, groupIds: readonly string[], at: Date): Promise<void> {
    await sql.query('UPDATE template_sync SET due_at = $2 WHERE group_id = ANY($1) AND due_at > $2', [groupIds, at]);
  }
}
