import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AccessService } from '../../access/access.service.js';
import type { Principal } from '../../access/principal.js';
import { ManualClock } from '../../platform/clock/clock.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import type { GrantRegistrar } from './grant-registrar.service.js';
import { BY_TICKET, OnboardingService } from './onboarding.service.js';
import type { OnboardingStateRepository, OnboardingStateRow } from './onboarding-state.repository.js';

const TEN_MINUTES_MS = 600_000;

/** A service whose states are in memory; `principal` is what the key that starts it may do when it ends. */
function open(principal?: Partial<Principal>) {
  const clock = new ManualClock();
  const rows = new Map<string, OnboardingStateRow>();
  const states = {
    insert: async (hash: Buffer, _gateway: string, row: OnboardingStateRow) => void rows.set(hash.toString('hex'), row),
    take: async (hash: Buffer) => {
      const row = rows.get(hash.toString('hex'));
      rows.delete(hash.toString('hex'));
      return row;
    },
  } as unknown as OnboardingStateRepository;
  const registrar = { register: async () => ({ status: 'success', detail: 'done' }) } as unknown as GrantRegistrar;
  const access = { byId: async () => principal } as unknown as AccessService;
  const gateway = {
    id: 'g',
    uri: 'acme',
    type: {
      onboarding: {
        start: (state: string) => ({ url: `https://login.test/?state=${state}` }),
        read: () => ({ status: 'granted', code: 'c' }),
        exchange: async () => ({ status: 'ok', value: { token: 't' } }),
      },
    },
    channel: () => ({ channel: 'chat' }),
    context: () => ({}),
    interactiveCall: () => ({ settings: {} }),
  } as unknown as LoadedGateway;
  const service = new OnboardingService(states, registrar, access, clock, pino({ level: 'silent' }));
  const begin = async (by: string): Promise<URLSearchParams> => {
    const { headers } = await service.start(gateway, 'chat', by, 'https://admin.test');
    return new URLSearchParams({
      state: new URL(headers['Location'] ?? '').searchParams.get('state') ?? '',
      code: 'c',
    });
  };
  return { service, gateway, clock, rows, begin };
}

describe('a state', () => {
  it('lasts ten minutes', async () => {
    const { service, gateway, clock, begin } = open();
    const [inTime, late] = [await begin(BY_TICKET), await begin(BY_TICKET)];
    clock.advance(TEN_MINUTES_MS - 1);
    expect((await service.finish(gateway, inTime)).status).toBe(200);
    clock.advance(1);
    expect((await service.finish(gateway, late)).status).toBe(401);
  });

  it('is not kept as it is', async () => {
    const { rows, begin } = open();
    const state = (await begin(BY_TICKET)).get('state') ?? '';
    expect(JSON.stringify([...rows])).not.toContain(state);
  });

  it.each([
    ['is gone', undefined, 401],
    ['may not do this any more', { permissions: new Set(['gateways:read'] as const), gateways: null }, 401],
    ['is for other gateways now', { permissions: new Set(['gateways:write'] as const), gateways: new Set(['h']) }, 401],
    ['is as it was', { permissions: new Set(['gateways:write'] as const), gateways: new Set(['g']) }, 200],
  ])('of a key that %s', async (_, principal, status) => {
    const { service, gateway, begin } = open(principal);
    expect((await service.finish(gateway, await begin('key'))).status).toBe(status);
  });
});
