import { Injectable } from '@nestjs/common';
import { type Principal, mayAccessGateway } from '../../access/principal.js';
import { type FoundAccount, GatewayDirectory } from '../../gateway/gateway-directory.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import { Problem } from '../../platform/problem/problem.js';
import { type MessageClass, rankOfClass } from '../message-class.js';
import type { Pause, PauseScope } from './pause.repository.js';

/** What a person names: a gateway by id or uri, an account by its address. */
export interface NamedScope {
  readonly gateway?: string;
  readonly account?: string;
  readonly class?: MessageClass;
}

/** From what people name to what is stopped, and from there to the accounts. */
@Injectable()
export class PauseScopes {
  constructor(private readonly directory: GatewayDirectory) {}

  /** @throws Problem 422 for what is not there, 409 for what may be several, 403 for what is beyond the key */
  resolve(principal: Principal, named: NamedScope): PauseScope {
    const rank = named.class === undefined ? null : rankOfClass(named.class);
    const gateway = named.gateway === undefined ? undefined : this.requireGateway(principal, named.gateway);
    if (named.account !== undefined) {
      const found = this.requireAccount(principal, named.account, gateway);
      return { gatewayId: found.gateway.id, accountId: found.account.id, class: rank };
    }
    if (!gateway && principal.gateways) {
      throw new Problem(
        403,
        'key.gateways.exceeded',
        'This key is limited to gateways: say which of them, with gateway.',
      );
    }
    return { gatewayId: gateway?.id ?? null, accountId: null, class: rank };
  }

  /** @throws Problem 422 */
  requireGateway(principal: Principal, idOrUri: string): LoadedGateway {
    const gateway = this.directory.byIdOrUri(idOrUri);
    if (gateway && mayAccessGateway(principal, gateway.id)) return gateway;
    throw new Problem(422, 'gateway.unknown', 'There is no gateway with this id or uri.', [
      { path: 'gateway', code: 'gateway.unknown', message: 'is not the id or uri of a gateway' },
    ]);
  }

  /** The gateways that a principal sees, or the one that it asks for. */
  visible(principal: Principal, wanted: string | undefined): readonly LoadedGateway[] {
    if (wanted !== undefined) return [this.requireGateway(principal, wanted)];
    return this.directory.all().filter(({ id }) => mayAccessGateway(principal, id));
  }

  accountIds({ gatewayId, accountId }: Pick<Pause, 'gatewayId' | 'accountId'>): readonly string[] {
    if (accountId !== null) return [accountId];
    return this.directory
      .all()
      .filter(({ id }) => gatewayId === null || id === gatewayId)
      .flatMap(({ accounts }) => accounts.map(({ id }) => id));
  }

  private requireAccount(principal: Principal, address: string, within: LoadedGateway | undefined): FoundAccount {
    const gateways = within ? [within] : this.visible(principal, undefined);
    const found = gateways.flatMap((gateway) =>
      gateway.accounts.filter((account) => account.address === address).map((account) => ({ gateway, account })),
    );
    const [first, second] = found;
    if (first && !second) return first;
    if (!first) {
      throw new Problem(422, 'account.unknown', 'There is no account with this address.', [
        { path: 'account', code: 'account.unknown', message: 'is not the address of an account' },
      ]);
    }
    const uris = found.map(({ gateway }) => gateway.uri).join(', ');
    throw new Problem(
      409,
      'account.ambiguous',
      `Several gateways have this account; say which with gateway (${uris}).`,
    );
  }
}
