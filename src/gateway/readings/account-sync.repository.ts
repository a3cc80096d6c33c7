import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../../platform/database/database.js';

/** What is to be read, and since when this reading has it to itself. */
export interface ReadingClaim {
  readonly groupId: string;
  readonly gatewayId: string;
  readonly channel: string;
  /** the group's address */
  readonly group: string;
  /** one group of each gateway, so that what concerns the gateway is asked once */
  readonly isFirst: boolean;
  readonly startedAt: Date;
}

/** A reading that lasts longer is held for dead. */
const LEASE_MS = 5 * 60_000;
/** Between two readings of one group that people's doings ask for. */
const PAUSE_MS = 60_000;
const AT_ONCE = 20;

/** Who reads which group, and when. A claim is a lease in the row, so that no connection is held while the network answers. */
@Injectable()
export class AccountSyncRepository {
  constructor(private readonly database: Database) {}

  /** Groups of these channels that were never read, neither here nor by a setup that knew of readings, become due. */
  async addNew(channels: readonly string[], now: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO account_sync (group_id, due_at, failures)
       SELECT g.id, $2, 0 FROM account_group g JOIN gateway w ON w.id = g.gateway_id AND w.deleted_at IS NULL
       WHERE g.channel = ANY($1) AND g.removed_at IS NULL AND g.missing_since IS NULL
         AND NOT EXISTS (SELECT 1 FROM account_sync s WHERE s.group_id = g.id)
       ON CONFLICT DO NOTHING`,
      [channels, now],
    );
  }

  /** A setup has just read the groups of a gateway. */
  async described(
    sql: Sql,
    gatewayId: string,
    channel: string,
    { readAt, nextAt }: { readAt: Date; nextAt: Date },
  ): Promise<void> {
    await sql.query(
      `INSERT INTO account_sync (group_id, due_at, read_at, failures)
       SELECT id, $4, $3, 0 FROM account_group
       WHERE gateway_id = $1 AND channel = $2 AND removed_at IS NULL AND missing_since IS NULL ORDER BY id
       ON CONFLICT (group_id) DO UPDATE SET due_at = excluded.due_at, read_at = excluded.read_at, failures = 0, error = NULL`,
      [gatewayId, channel, readAt, nextAt],
    );
  }

  /**
   * Groups whose time has come, or whose reading died. Those of a gateway that is parked are read too, as what is shown of them must
   * not grow old; where its credentials are refused, the waits grow.
   */
  async due(now: Date): Promise<readonly string[]> {
    const rows = await this.database.query<{ group_id: string }>(
      `SELECT s.group_id FROM account_sync s
         JOIN account_group g ON g.id = s.group_id AND g.removed_at IS NULL AND g.missing_since IS NULL
         JOIN gateway w ON w.id = g.gateway_id AND w.deleted_at IS NULL AND w.enabled
       WHERE (s.due_at <= $1 AND s.running_until IS NULL) OR s.running_until <= $1
       ORDER BY s.due_at LIMIT ${AT_ONCE}`,
      [now],
    );
    return rows.map(({ group_id }) => group_id);
  }

  /** Takes a group that is due for one reading; undefined when another has it. @param nextAt when it is to be read again */
  async claim(groupId: string, now: Date, nextAt: Date): Promise<ReadingClaim | undefined> {
    const [row] = await this.database.query<Omit<ReadingClaim, 'startedAt'>>(
      `WITH taken AS (
         UPDATE account_sync SET due_at = $3, tried_at = $2, running_until = $4
         WHERE group_id = $1 AND ((due_at <= $2 AND running_until IS NULL) OR running_until <= $2) RETURNING group_id
       )
       SELECT g.id AS "groupId", g.gateway_id AS "gatewayId", g.channel, g.address AS "group",
         NOT EXISTS (SELECT FROM account_group o WHERE o.gateway_id = g.gateway_id AND o.id < g.id
           AND o.removed_at IS NULL AND o.missing_since IS NULL) AS "isFirst"
       FROM taken JOIN account_group g ON g.id = taken.group_id`,
      [groupId, now, nextAt, new Date(now.getTime() + LEASE_MS)],
    );
    return row && { ...row, startedAt: now };
  }

  /** @param restUntil the network wants to be left alone until then */
  async finish({ groupId, startedAt }: ReadingClaim, restUntil: Date | undefined): Promise<void> {
    await this.database.query(
      `UPDATE account_sync SET running_until = NULL, read_at = tried_at, failures = 0, error = NULL,
         due_at = GREATEST(due_at, $3)
       WHERE group_id = $1 AND tried_at = $2 AND running_until IS NOT NULL`,
      [groupId, startedAt, restUntil ?? null],
    );
  }

  /** It was not read, and need not be before its next time. */
  async postpone({ groupId, startedAt }: ReadingClaim): Promise<void> {
    await this.database.query(
      `UPDATE account_sync SET running_until = NULL, failures = 0, error = NULL
       WHERE group_id = $1 AND tried_at = $2 AND running_until IS NOT NULL`,
      [groupId, startedAt],
    );
  }

  /** @param retryAt by how often it failed in a row, this time included */
  async fail({ groupId, startedAt }: ReadingClaim, error: string, retryAt: (failures: number) => Date): Promise<void> {
    const [row] = await this.database.query<{ failures: number }>(
      `UPDATE account_sync SET running_until = NULL, failures = LEAST(failures + 1, 100), error = $3
       WHERE group_id = $1 AND tried_at = $2 AND running_until IS NOT NULL RETURNING failures`,
      [groupId, startedAt, error],
    );
    if (!row) return;
    await this.database.query('UPDATE account_sync SET due_at = $2 WHERE group_id = $1', [
      groupId,
      retryAt(row.failures),
    ]);
  }

  /** What failed is to be read again soon: a minute after the last try at the earliest, however often it is asked for. */
  async wantOfGateway(gatewayId: string, now: Date): Promise<void> {
    await this.database.query(
      `UPDATE account_sync s SET due_at = GREATEST($2, s.tried_at + $3 * interval '1 millisecond') FROM account_group g
       WHERE g.id = s.group_id AND g.gateway_id = $1 AND g.removed_at IS NULL AND s.failures > 0
         AND s.due_at > GREATEST($2, s.tried_at + $3 * interval '1 millisecond')`,
      [gatewayId, now, PAUSE_MS],
    );
  }
}
