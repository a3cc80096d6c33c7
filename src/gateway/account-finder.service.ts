import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import { isStorableText } from '../platform/http/is-plain-text.js';
import { Problem } from '../platform/problem/problem.js';
import type { AccountQuery } from './account.dto.js';
import { AccountRepository, type AccountRow } from './account.repository.js';
import { type FoundAccount, GatewayDirectory } from './gateway-directory.js';

/** From what people name to accounts. Their public id is their address at the network. */
@Injectable()
export class AccountFinder {
  constructor(
    private readonly rows: AccountRepository,
    private readonly directory: GatewayDirectory,
  ) {}

  /** @throws Problem 404 when there is none, 409 when there are several, 422 for a gateway that is not there */
  async row(principal: Principal, address: string, query: AccountQuery): Promise<AccountRow> {
    const found = isStorableText(address)
      ? await this.rows.list({
          gateways: this.gatewaysOf(principal, query.gateway),
          address,
          ...(query.channel !== undefined && { channel: query.channel }),
          limit: 50,
        })
      : [];
    const [first, second] = found;
    if (!first) throw new Problem(404, 'account.not_found', 'There is no such account.');
    if (!second) return first;
    const uris = [...new Set(found.map((row) => this.uriOf(row)))];
    const ask = uris.length > 1 ? `?gateway= (${uris.join(', ')})` : '?channel=';
    throw new Problem(409, 'account.ambiguous', `Several accounts have this address; say which with ${ask}.`);
  }

  /** The same, ready for use. */
  async loaded(principal: Principal, address: string, query: AccountQuery): Promise<FoundAccount> {
    const { id } = await this.row(principal, address, query);
    const found = this.directory.accountById(id);
    if (found) return found;
    throw new Problem(404, 'account.not_found', 'The gateway of this account is not loaded.');
  }

  /** The gateways that a request looks into; null: all. */
  gatewaysOf(principal: Principal, wanted: string | undefined): readonly string[] | null {
    if (wanted === undefined) return gatewayLimit(principal);
    const gateway = this.directory.byIdOrUri(wanted);
    if (gateway && mayAccessGateway(principal, gateway.id)) return [gateway.id];
    throw new Problem(422, 'gateway.unknown', 'There is no gateway with this id or uri.', [
      { path: 'gateway', code: 'gateway.unknown', message: 'is not the id or uri of a gateway' },
    ]);
  }

  uriOf(row: AccountRow): string {
    return this.directory.byId(row.gateway_id)?.uri ?? row.gateway_id;
  }
}
