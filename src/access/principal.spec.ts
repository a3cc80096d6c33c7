import { describe, expect, it } from '@jest/globals';
import { generateKey } from './admin-key.js';
import { type Principal, mayAccessGateway, requireGateway, requirePermission } from './principal.js';

const principal = (gateways: string[] | null): Principal => ({
  id: 'k',
  name: 'k',
  permissions: new Set(['gateways:read'] as const),
  gateways: gateways && new Set(gateways),
  isBootstrap: false,
});

describe('a key', () => {
  it('is 256 random bits with a prefix', () => {
    expect(generateKey()).toMatch(/^pb_[\w-]{43}$/);
    expect(generateKey()).not.toBe(generateKey());
  });

  it('that is limited to gateways finds no other', () => {
    expect(mayAccessGateway(principal(null), 'g')).toBe(true);
    expect(mayAccessGateway(principal(['g']), 'g')).toBe(true);
    expect(() => requireGateway(principal([]), 'g')).toThrow(expect.objectContaining({ status: 404 }));
  });

  it('without a permission is told which one is missing', () => {
    expect(() => requirePermission(principal(null), 'gateways:read')).not.toThrow();
    expect(() => requirePermission(principal(null), 'keys:write')).toThrow(/keys:write/);
  });
});
