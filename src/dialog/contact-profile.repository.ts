import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { IdentityKind } from './person.js';

export interface ContactIdentity {
  readonly kind: IdentityKind;
  readonly channel: string;
  readonly value: string;
  readonly since: Date;
}

/** A contact by itself, apart from the dialogs with it. */
export interface ContactProfile {
  readonly id: string;
  readonly name: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** the current ones, oldest first */
  readonly identities: readonly ContactIdentity[];
}

interface Row {
  id: string;
  name: string | null;
  created_at: Date;
  updated_at: Date;
  kind: IdentityKind | null;
  scope: string;
  value: string;
  since: Date;
}

@Injectable()
export class ContactProfileRepository {
  constructor(private readonly database: Database) {}

  /**
   * Contact id as given → the contact that goes on after merges; who is not there is unknown. A contact belongs to nobody, but its
   * threads do: a caller limited to some gateways sees those who have a thread on one of them, or none anywhere.
   */
  async reachable(ids: readonly string[], gatewayIds: readonly string[] | null): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.query<{ id: string; current: string }>(
      `SELECT id, current FROM (SELECT id, COALESCE(merged_into, id) AS current FROM contact WHERE id = ANY($1)) c
       WHERE $2::uuid[] IS NULL
         OR EXISTS (SELECT 1 FROM thread t WHERE t.contact_id = c.current AND t.gateway_id = ANY($2))
         OR NOT EXISTS (SELECT 1 FROM thread t WHERE t.contact_id = c.current)`,
      [ids, gatewayIds],
    );
    return new Map(rows.map(({ id, current }) => [id, current]));
  }

  /** Whether the network is to be asked who this is: a name is missing, and nobody has asked since then. Nobody else asks now. */
  async claimAsking(id: string, now: Date, since: Date): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE contact SET profile_asked_at = $2
       WHERE id = $1 AND name IS NULL AND (profile_asked_at IS NULL OR profile_asked_at < $3) RETURNING id`,
      [id, now, since],
    );
    return rows.length > 0;
  }

  async find(id: string): Promise<ContactProfile | undefined> {
    const rows = await this.database.query<Row>(
      `SELECT c.id, c.name, c.created_at, c.updated_at, i.kind, i.scope, i.value, i.created_at AS since
       FROM contact c LEFT JOIN contact_identity i ON i.contact_id = c.id AND i.replaced_at IS NULL
       WHERE c.id = $1 ORDER BY i.created_at, i.id`,
      [id],
    );
    const [first] = rows;
    if (!first) return undefined;
    return {
      id: first.id,
      name: first.name,
      createdAt: first.created_at,
      updatedAt: first.updated_at,
      identities: rows.flatMap(({ kind, scope, value, since }) =>
        kind === null ? [] : [{ kind, channel: scope.split(':', 1)[0] ?? scope, value, since }],
      ),
    };
  }
}
