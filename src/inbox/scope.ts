import type { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { LoadedGateway } from '../gateway/loaded-gateway.js';

/**
 * Whose events a callback takes. A gateway's own callback concerns that gateway and no other; a shared one (`meta/<app id>`)
 * all gateways of that app. The scope is the unit of order: one batch processor works on it at a time.
 */
export function gatewaysOf(directory: GatewayDirectory, scope: string): readonly LoadedGateway[] {
  const [prefix, key] = scope.split('/');
  if (prefix !== undefined && key !== undefined) return directory.byAppKey(prefix, key);
  const gateway = directory.byId(scope);
  return gateway ? [gateway] : [];
}
