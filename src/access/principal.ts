import { Problem } from '../platform/problem/problem.js';
import type { Permission } from './permissions.js';

/** Who calls: a key, with what it may do and where. */
export interface Principal {
  /** the key's id; `admin` for the bootstrap key */
  readonly id: string;
  readonly name: string;
  readonly permissions: ReadonlySet<Permission>;
  /** ids of the gateways that the key is limited to; null: all */
  readonly gateways: ReadonlySet<string> | null;
  readonly isBootstrap: boolean;
}

export function mayAccessGateway(principal: Principal, gatewayId: string): boolean {
  return principal.gateways === null || principal.gateways.has(gatewayId);
}

/** A gateway outside a key's limit does not exist for it. */
export function requireGateway(principal: Principal, gatewayId: string): void {
  if (!mayAccessGateway(principal, gatewayId)) throw gatewayNotFound();
}

export function gatewayNotFound(): Problem {
  return new Problem(404, 'gateway.not_found', 'There is no such gateway.');
}

/** For SQL: the ids that a list is limited to, or null for no limit. */
export function gatewayLimit(principal: Principal): readonly string[] | null {
  return principal.gateways && [...principal.gateways];
}

/** @throws Problem 403 `permission.missing` naming what is missing */
export function requirePermission(principal: Principal, permission: Permission): void {
  if (principal.permissions.has(permission)) return;
  throw new Problem(403, 'permission.missing', `This key does not have the permission ${permission}.`);
}

export function unauthorized(detail: string): Problem {
  return new Problem(401, 'key.invalid', detail, undefined, { 'WWW-Authenticate': 'Bearer' });
}
