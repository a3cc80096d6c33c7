import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import type { TemplatesFacet } from '../contract/index.js';
import { AccountGroupRepository, type StoredGroup } from '../gateway/account-group.repository.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { LoadedGateway } from '../gateway/loaded-gateway.js';
import { Problem } from '../platform/problem/problem.js';

/** A group whose network reviews templates, ready to be asked. */
export interface FoundGroup {
  readonly gateway: LoadedGateway;
  readonly id: string;
  readonly channel: string;
  readonly address: string;
  readonly facet: TemplatesFacet;
}

export interface WantedGroup {
  readonly gateway?: string;
  readonly channel?: string;
  /** the group's address */
  readonly group?: string;
}

/** Which group a request means. */
@Injectable()
export class TemplateGroups {
  constructor(
    private readonly directory: GatewayDirectory,
    private readonly groups: AccountGroupRepository,
  ) {}

  /** A gateway of a request; 422 `gateway.unknown` where it does not exist for this principal. */
  gateway(principal: Principal, wanted: string): LoadedGateway {
    const gateway = this.directory.byIdOrUri(wanted);
    if (gateway && mayAccessGateway(principal, gateway.id)) return gateway;
    throw new Problem(422, 'gateway.unknown', 'There is no gateway with this id or uri.', [
      { path: 'gateway', code: 'gateway.unknown', message: 'is not the id or uri of a gateway' },
    ]);
  }

  /** The gateways that a request looks into; null: all. */
  gatewayIds(principal: Principal, wanted: string | undefined): readonly string[] | null {
    return wanted === undefined ? gatewayLimit(principal) : [this.gateway(principal, wanted).id];
  }

  /** Those that fit; what the network no longer shows us is left out unless it is named. */
  async all(principal: Principal, wanted: WantedGroup): Promise<readonly FoundGroup[]> {
    const ids = this.gatewayIds(principal, wanted.gateway);
    const gateways = this.directory.all().filter(({ id }) => ids === null || ids.includes(id));
    const found = await Promise.all(gateways.map((gateway) => this.ofGateway(gateway, wanted)));
    return found.flat();
  }

  /** The only one that fits. */
  async one(principal: Principal, wanted: WantedGroup & { readonly gateway: string }): Promise<FoundGroup> {
    const found = await this.all(principal, wanted);
    const [first, second] = found;
    if (first && !second) return first;
    if (!first) {
      const message = 'is no group of this gateway that has templates';
      throw new Problem(422, 'group.unknown', 'There is no such group; run setup if the network has it.', [
        { path: 'group', code: 'group.unknown', message },
      ]);
    }
    const addresses = found.map(({ address }) => address).toSorted();
    const message = `is needed, since several fit: ${addresses.slice(0, 20).join(', ')}`;
    throw new Problem(422, 'group.ambiguous', 'Several groups fit; name one.', [
      { path: 'group', code: 'group.ambiguous', message },
    ]);
  }

  private async ofGateway(gateway: LoadedGateway, { channel, group }: WantedGroup): Promise<readonly FoundGroup[]> {
    const stored = await this.groups.ofGateway(gateway.id, channel);
    const fits = ({ address, missing_since }: StoredGroup): boolean =>
      group === undefined ? !missing_since : address === group;
    return stored.filter(fits).flatMap((one) => {
      const facet = gateway.channel(one.channel)?.templates;
      return facet ? [{ gateway, id: one.id, channel: one.channel, address: one.address, facet }] : [];
    });
  }
}
