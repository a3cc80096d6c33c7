import { type Principal, mayAccessGateway } from '../access/principal.js';
import { type FieldError, Problem } from '../platform/problem/problem.js';
import type { GatewayDirectory } from './gateway-directory.js';

/**
 * The ids of gateways that a request names in `gateways`, by id or uri.
 *
 * @throws Problem 422 `gateway.unknown` naming those that do not exist for this principal
 */
export function idsOfNamed(
  directory: GatewayDirectory,
  principal: Principal,
  wanted: readonly string[],
): readonly string[] {
  const found = wanted.map((idOrUri) => directory.byIdOrUri(idOrUri));
  const errors = found.flatMap((gateway, index): FieldError[] => {
    if (gateway && mayAccessGateway(principal, gateway.id)) return [];
    return [{ path: `gateways[${index}]`, code: 'gateway.unknown', message: 'is not the id or uri of a gateway' }];
  });
  if (errors.length > 0) {
    throw new Problem(422, 'gateway.unknown', 'Not all of these gateways exist.', errors.slice(0, 50));
  }
  return found.flatMap((gateway) => gateway?.id ?? []);
}
