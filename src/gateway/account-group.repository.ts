import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../contract/index.js';
import { Database, type Sql } from '../platform/database/database.js';
import { type AccountRow, AccountRepository } from './account.repository.js';

/** A group as it is stored, with its accounts. */
export interface StoredGroup {
  readonly id: string;
  readonly gateway_id: string;
  readonly channel: string;
  readonly address: string;
  readonly name: string;
  readonly portfolio: string | null;
  readonly details: JsonObject;
  readonly subscribed: boolean;
  readonly missing_since: Date | null;
  readonly accounts: readonly AccountRow[];
}

/** Another gateway that uses the same group at the network. */
export interface OtherUse {
  readonly address: string;
  readonly uri: string;
  readonly app_key: string | null;
}

/** Another gateway in which the same sender is active. */
export interface ActiveElsewhere {
  readonly address: string;
  readonly uri: string;
}

/** Groups and what other gateways do with the same ones. */
@Injectable()
export class AccountGroupRepository {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
  ) {}

  /** Everything a gateway knows and has not forgotten; sorted by address, as strings. */
  async ofGateway(gatewayId: string, channel?: string): Promise<StoredGroup[]> {
    const [groups, accounts] = await Promise.all([
      this.database.query<Omit<StoredGroup, 'accounts'>>(
        `SELECT id, gateway_id, channel, address, name, portfolio, details, subscribed, missing_since FROM account_group
         WHERE gateway_id = $1 AND removed_at IS NULL AND ($2::text IS NULL OR channel = $2)`,
        [gatewayId, channel ?? null],
      ),
      this.accounts.ofGateways([gatewayId]),
    ]);
    const own = (id: string): AccountRow[] => accounts.filter(({ group_id }) => group_id === id).toSorted(byAddress);
    return groups.map((group) => ({ ...group, accounts: own(group.id) })).toSorted(byAddress);
  }

  /** Other gateways that have one of these groups subscribed, or one of its senders active. */
  othersUsing(gatewayId: string, channel: string, addresses: readonly string[]): Promise<OtherUse[]> {
    return this.database.query(
      `SELECT account_group.address, gateway.uri, gateway.app_key
       FROM account_group JOIN gateway ON gateway.id = gateway_id AND deleted_at IS NULL
       WHERE gateway_id <> $1 AND channel = $2 AND address = ANY($3::text[]) AND removed_at IS NULL
         AND (subscribed OR EXISTS (SELECT FROM account WHERE group_id = account_group.id AND active))
       ORDER BY gateway.uri`,
      [gatewayId, channel, addresses],
    );
  }

  activeElsewhere(
    gatewayId: string,
    channel: string,
    addresses: readonly string[],
    sql: Sql = this.database,
  ): Promise<ActiveElsewhere[]> {
    return sql.query(
      `SELECT account.address, gateway.uri FROM account JOIN gateway ON gateway.id = gateway_id
       WHERE active AND gateway_id <> $1 AND channel = $2 AND address = ANY($3::text[])`,
      [gatewayId, channel, addresses],
    );
  }
}

function byAddress(a: { readonly address: string }, b: { readonly address: string }): number {
  if (a.address === b.address) return 0;
  return a.address < b.address ? -1 : 1;
}
