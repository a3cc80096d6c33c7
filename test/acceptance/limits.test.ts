import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type Stage, WORLD, engage, openStage } from '../support/stage.js';

type Body = Record<string, unknown>;

interface Portfolio extends Body {
  readonly id: string;
  readonly limit: number | null;
  readonly used: number;
  readonly nextTier?: { readonly limit: number | null; readonly needs: readonly string[] };
}

interface Account extends Body {
  readonly id: string;
  readonly paused?: Body;
}

interface Limits {
  readonly portfolios: readonly Portfolio[];
  readonly accounts: readonly Account[];
}

const PORTFOLIO = `whatsapp:${WORLD.businessId}`;
const PHONE = WORLD.displayPhoneNumber.replace(/\D/g, '');

describe('limits', () => {
  let stage: Stage;
  let gatewayId: string;

  beforeAll(async () => {
    stage = await openStage();
    const bot = { events: ['account.updated'] };
    gatewayId = String((await engage(stage, { bot }))['id']);
  });

  afterAll(() => stage.close());

  const call = <T = Body>(method: string, path: string, body?: unknown, key?: string) =>
    stage.patchbay.call<T>(method, path, { ...(body !== undefined && { body }), ...(key !== undefined && { key }) });

  async function limits(): Promise<{ portfolio: Portfolio; account: Account }> {
    const { body } = await call<Limits>('GET', '/limits?gateway=acme');
    expect([body.portfolios.length, body.accounts.length]).toEqual([1, 1]);
    return { portfolio: body.portfolios[0] as Portfolio, account: body.accounts[0] as Account };
  }

  function become(what: string, fits: (now: { portfolio: Portfolio; account: Account }) => boolean) {
    return eventually(what, async () => {
      const now = await limits();
      return fits(now) && now;
    });
  }

  function emit(field: string, value: Body): void {
    stage.sim.emit(field, WORLD.wabaId, value as never);
  }

  async function setup(fields: Body): Promise<void> {
    const number = stage.sim.world.phoneNumbers.get(WORLD.phoneNumberId);
    Object.assign(number as object, fields);
    expect((await stage.patchbay.command(stage.uri, 'whatsapp=setup')).status).toBe(200);
  }

  describe('as the network tells them', () => {
    it('are those that a setup read, in the shape of the contract', async () => {
      const { body } = await call<Limits>('GET', '/limits');
      expect(body).toEqual({
        portfolios: [
          {
            id: PORTFOLIO,
            tier: 'TIER_2K',
            limit: 2_000,
            used: 0,
            free: 2_000,
            held: 0,
            nextReleaseAt: null,
            confidence: 'partial',
            nextTier: { limit: 10_000, needs: [expect.stringContaining('0 of 1,000 people')] },
          },
        ],
        accounts: [
          {
            id: WORLD.phoneNumberId,
            gateway: { id: gatewayId, uri: 'acme' },
            channel: 'whatsapp',
            portfolio: PORTFOLIO,
            throughput: 80,
            pace: 80,
            quality: 'GREEN',
            queued: 0,
            held: 0,
            estimatedDrainSeconds: 0,
          },
        ],
      });
    });

    it('follow THROUGHPUT_UPGRADE, whose TIER_UNLIMITED is no tier, and tell the bot once', async () => {
      const value = { display_phone_number: PHONE, event: 'THROUGHPUT_UPGRADE', current_limit: 'TIER_UNLIMITED' };
      emit('phone_number_quality_update', value);
      const { portfolio, account } = await become('1,000 a second', (now) => now.account['throughput'] === 1_000);
      expect([account['pace'], portfolio['tier'], portfolio.limit]).toEqual([1_000, 'TIER_2K', 2_000]);
      expect((await call('GET', `/accounts/${WORLD.phoneNumberId}`)).body).toMatchObject({ throughput: 'HIGH' });
      const event = await stage.bot.waitForNews(({ type }) => type === 'account.updated');
      expect(event).toMatchObject({
        gateway: { uri: 'acme' },
        channel: 'whatsapp',
        account: { id: WORLD.phoneNumberId, throughput: 'HIGH' },
      });
      emit('phone_number_quality_update', value);
      emit('business_capability_update', { max_daily_conversations_per_business: 10_000 });
      await become('10,000 people', (now) => now.portfolio.limit === 10_000);
      const toldLast = await stage.bot.waitForNews(({ id }) => id !== event.id);
      expect(toldLast).toMatchObject({ account: { messagingLimit: 'TIER_10K', throughput: 'HIGH' } });
    });

    it('know all spellings of unlimited, and come down again', async () => {
      emit('business_capability_update', { max_daily_conversation_per_phone: -1 });
      const { portfolio } = await become('unlimited', (now) => now.portfolio.limit === null);
      expect(portfolio).toMatchObject({ tier: 'TIER_UNLIMITED', free: null });
      expect(portfolio).not.toHaveProperty('nextTier');
      emit('phone_number_quality_update', {
        display_phone_number: PHONE,
        event: 'DOWNGRADE',
        current_limit: 'TIER_1K',
      });
      await become('1,000 people', (now) => now.portfolio.limit === 1_000);
    });

    it('are read anew by a setup; what is not set counts as 250', async () => {
      await setup({ throughput: { level: 'STANDARD' }, whatsapp_business_manager_messaging_limit: 'TIER_250' });
      const { portfolio, account } = await limits();
      expect([portfolio.limit, account['throughput']]).toEqual([250, 80]);
      expect(portfolio.nextTier).toMatchObject({ limit: 2_000, needs: [expect.stringContaining('is verified')] });
      await setup({ is_on_biz_app: true, whatsapp_business_manager_messaging_limit: 'TIER_2K' });
      expect((await limits()).account['throughput']).toBe(20);
      await setup({ is_on_biz_app: false });
    });

    it('news of a number that is not here asks for attention', async () => {
      emit('phone_number_quality_update', { display_phone_number: '15550009999', event: 'FLAGGED' });
      await eventually('the news to be listed', async () => {
        const { body } = await call<{ items: Body[] }>('GET', '/events?state=unhandled');
        return body.items.some(({ code }) => code === 'account.unknown');
      });
    });

    it('are lowered by the settings, which also say who shares them', async () => {
      await call('PATCH', '/gateways/acme', { metadata: { pace: '7.5', portfolio: 'emea' } });
      const { portfolio, account } = await limits();
      expect([account['throughput'], account['pace'], portfolio.id]).toEqual([80, 7.5, 'whatsapp:emea']);
      expect(portfolio.limit).toBe(2_000);
      await call('PATCH', '/gateways/acme', { metadata: { pace: null, portfolio: null } });
      expect((await limits()).portfolio.id).toBe(PORTFOLIO);
      const refused = await call('PATCH', '/gateways/acme', { metadata: { pace: 'fast', pair_pace: 'rude' } });
      expect([refused.status, refused.body]).toMatchObject([
        400,
        { errors: [{ path: 'metadata.pace' }, { path: 'metadata.pair_pace' }] },
      ]);
    });
  });

  describe('a seed', () => {
    const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
    const HOUR = 3_600_000;

    it('takes up places until a day has passed, in place of the one before', async () => {
      const first = await call<Limits>('PUT', '/limits/seed', { gateway: 'acme', opened: 180 });
      expect([first.status, first.body.portfolios]).toMatchObject([
        200,
        [{ used: 180, free: 1_820, confidence: 'full' }],
      ]);
      const at = ago(20 * HOUR);
      const openings = [
        { opened: 40, at },
        { opened: 2, at: ago(HOUR) },
      ];
      await call('PUT', '/limits/seed', { gateway: gatewayId, portfolio: PORTFOLIO, openings });
      expect((await limits()).portfolio).toMatchObject({
        used: 42,
        free: 1_958,
        nextReleaseAt: new Date(Date.parse(at) + 24 * HOUR).toISOString(),
      });
    });

    it('gives its places back by itself', async () => {
      const openings = [
        { opened: 30, at: ago(24 * HOUR - 3_000) },
        { opened: 12, at: ago(HOUR) },
      ];
      const { body } = await call<Limits>('PUT', '/limits/seed', { gateway: 'acme', openings });
      expect(body.portfolios[0]?.used).toBe(42);
      await become('30 places to be free again', ({ portfolio }) => portfolio.used === 12);
      await call('PUT', '/limits/seed', { gateway: 'acme', opened: 0 });
      expect((await limits()).portfolio.used).toBe(0);
    });

    it.each<[string, Body, number, string]>([
      ['nothing', { gateway: 'acme' }, 400, 'validation.failed'],
      [
        'both',
        { gateway: 'acme', opened: 1, openings: [{ opened: 1, at: '2026-01-01T00:00:00Z' }] },
        400,
        'validation.failed',
      ],
      ['less than none', { gateway: 'acme', opened: -1 }, 400, 'validation.failed'],
      ['a field that is not known', { gateway: 'acme', opened: 1, tier: 3 }, 400, 'validation.failed'],
      ['what has lapsed', { gateway: 'acme', opened: 1, at: '2026-01-01T00:00:00Z' }, 422, 'seed.at.range'],
      ['what will be', { gateway: 'acme', opened: 1, at: '2099-01-01T00:00:00Z' }, 422, 'seed.at.range'],
      ['nobody’s', { gateway: 'nobody', opened: 1 }, 422, 'gateway.unknown'],
      ['of another portfolio', { gateway: 'acme', portfolio: '1', opened: 1 }, 422, 'portfolio.unknown'],
    ])('is refused with %s', async (_, body, status, code) => {
      const answer = await call('PUT', '/limits/seed', body);
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
      expect((await limits()).portfolio.used).toBe(0);
    });
  });

  describe('the stop switch', () => {
    beforeEach(async () => {
      expect((await call('POST', '/limits/resume')).body).toEqual({ items: [], next: null });
    });

    it('stops everything, a gateway, an account, a class, and says so', async () => {
      const until = new Date(Date.now() + 3_600_000).toISOString();
      const pause = { gateway: 'acme', account: WORLD.phoneNumberId, class: 'marketing', reason: 'complaints', until };
      const one = await call('POST', '/limits/pause', pause);
      expect([one.status, one.body]).toEqual([
        200,
        {
          items: [
            {
              id: expect.any(String),
              gateway: { id: gatewayId, uri: 'acme' },
              account: WORLD.phoneNumberId,
              class: 'marketing',
              reason: 'complaints',
              since: expect.any(String),
              until,
            },
          ],
          next: null,
        },
      ]);
      expect((await limits()).account).toMatchObject({
        paused: { reason: 'complaints', until, class: 'marketing' },
        estimatedDrainSeconds: 0,
      });
      await call('POST', '/limits/pause', { reason: 'audit' });
      const { account } = await limits();
      expect([account.paused, account['estimatedDrainSeconds']]).toEqual([{ reason: 'audit', until: null }, null]);
      const left = await call<{ items: Body[] }>('POST', '/limits/resume', { gateway: 'acme' });
      expect(left.body.items).toMatchObject([{ reason: 'audit' }]);
    });

    it('holds what is taken meanwhile, and lets it go', async () => {
      stage.sim.window = 'open';
      await call('POST', '/limits/pause', { gateway: 'acme', reason: 'audit' });
      const content = { type: 'text', text: 'later' };
      const taken = await call('POST', '/messages', { gateway: 'acme', to: '+16505551234', content });
      expect(taken.status).toBe(202);
      const reaches = (status: string) =>
        eventually(`the message to be ${status}`, async () => {
          const { body } = await call('GET', `/messages/${String(taken.body['id'])}`);
          return body['status'] === status && body;
        });
      expect(await reaches('held')).toMatchObject({ held: { reason: 'paused' } });
      expect((await limits()).account).toMatchObject({ queued: 0, held: 1, estimatedDrainSeconds: null });
      await call('POST', '/limits/resume', { gateway: 'acme' });
      await reaches('delivered');
      expect((await limits()).account).toMatchObject({ held: 0, estimatedDrainSeconds: 0 });
    });

    it('is said again, not twice', async () => {
      await call('POST', '/limits/pause', { gateway: 'acme', reason: 'one' });
      const { body } = await call<{ items: Body[] }>('POST', '/limits/pause', { gateway: gatewayId, reason: 'two' });
      expect(body.items).toMatchObject([{ reason: 'two' }]);
    });

    it.each<[string, Body, number, string]>([
      ['a gateway that is not there', { gateway: 'nobody' }, 422, 'gateway.unknown'],
      ['an account that is not there', { account: '1' }, 422, 'account.unknown'],
      ['a class that is not there', { class: 'spam' }, 400, 'validation.failed'],
      ['a time that is past', { until: '2026-01-01T00:00:00Z' }, 422, 'pause.until.past'],
    ])('refuses %s', async (_, body, status, code) => {
      const answer = await call('POST', '/limits/pause', body);
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
    });

    it('keeps keys within their gateways and permissions', async () => {
      const make = async (body: Body) => String((await call('POST', '/keys', body)).body['key']);
      const limited = await make({
        name: 'a',
        permissions: ['gateways:read', 'gateways:write'],
        gateways: [gatewayId],
      });
      const reader = await make({ name: 'b', permissions: ['gateways:read'] });
      const everything = await call('POST', '/limits/pause', { reason: 'x' }, limited);
      expect([everything.status, everything.body['code']]).toEqual([403, 'key.gateways.exceeded']);
      expect((await call('POST', '/limits/resume', {}, limited)).status).toBe(403);
      expect((await call('POST', '/limits/pause', { gateway: 'acme' }, limited)).status).toBe(200);
      expect((await call('POST', '/limits/pause', { gateway: 'acme' }, reader)).status).toBe(403);
      expect((await call('PUT', '/limits/seed', { gateway: 'acme', opened: 1 }, reader)).status).toBe(403);
      expect((await call('GET', '/limits', undefined, reader)).status).toBe(200);
    });
  });
});
