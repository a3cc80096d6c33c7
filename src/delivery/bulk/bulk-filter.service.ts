import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, mayAccessGateway } from '../../access/principal.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { isId } from '../../platform/ids/ids.js';
import { Problem } from '../../platform/problem/problem.js';
import { rankOfClass } from '../message-class.js';
import type { MessageFilterBody } from './bulk.dto.js';
import type { BulkFilter } from './bulk.repository.js';

/** From a caller's words to a filter that keeps to what the caller may see. */
@Injectable()
export class BulkFilters {
  constructor(private readonly directory: GatewayDirectory) {}

  /** @throws Problem 422 when a gateway or account does not exist, 400 for a malformed dialog */
  read(principal: Principal, body: MessageFilterBody): BulkFilter {
    const gatewayIds = body.gateway === undefined ? gatewayLimit(principal) : [this.gatewayId(principal, body.gateway)];
    if (body.dialog !== undefined && !isId(body.dialog)) {
      throw new Problem(400, 'validation.failed', 'dialog must be the id of a dialog.');
    }
    return {
      gatewayIds,
      ...(body.account !== undefined && { accountIds: this.accountIds(gatewayIds, body.account) }),
      ...(body.class !== undefined && { class: rankOfClass(body.class) }),
      ...(body.dialog !== undefined && { dialogId: body.dialog }),
      ...(body.to !== undefined && { phone: body.to.replace(/^\+/, '') }),
      ...(body.template !== undefined && { template: body.template }),
      ...(body.since !== undefined && { since: new Date(body.since) }),
      ...(body.until !== undefined && { until: new Date(body.until) }),
    };
  }

  private gatewayId(principal: Principal, idOrUri: string): string {
    const gateway = this.directory.byIdOrUri(idOrUri);
    if (gateway && mayAccessGateway(principal, gateway.id)) return gateway.id;
    throw new Problem(422, 'gateway.unknown', `There is no gateway ${JSON.stringify(idOrUri)}.`);
  }

  private accountIds(gatewayIds: readonly string[] | null, address: string): readonly string[] {
    const found = this.directory
      .all()
      .filter(({ id }) => gatewayIds === null || gatewayIds.includes(id))
      .flatMap(({ accounts }) => accounts.filter((account) => account.address === address))
      .map(({ id }) => id);
    if (found.length > 0) return found;
    throw new Problem(422, 'account.unknown', `There is no account ${JSON.stringify(address)}.`);
  }
}
