import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type Stage, WORLD, engage, openStage } from '../support/stage.js';

type Body = Record<string, unknown>;

interface AccountBody extends Body {
  readonly problems?: readonly Body[];
  readonly holds?: readonly Body[];
}

const NUMBER = WORLD.phoneNumberId;
const NEW = '106540352249999';
const SHOP = '106540352248888';
const PIN = '246810';
const OWN_TOKEN = 'EAAOwnTokenOfTheShop';
const ANN = '16505551234';

describe('accounts', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage({ env: { ACCOUNT_REFRESH_SECONDS: '10', LOG_LEVEL: 'debug' } });
    const { world } = stage.sim;
    world.addToken({ token: OWN_TOKEN });
    const fresh = { status: 'PENDING', code_verification_status: 'NOT_VERIFIED', platform_type: 'NOT_APPLICABLE' };
    world.addPhoneNumber(WORLD.wabaId, { id: NEW, ...fresh });
    world.addPhoneNumber(WORLD.wabaId, { id: SHOP, display_phone_number: '+1 555-078-0001' });
    await engage(stage, { metadata: { auto_read: 'on' } });
  }, 180_000);

  afterAll(() => stage.close());

  const call = <T = AccountBody>(method: string, path: string, body?: unknown) =>
    stage.patchbay.call<T>(method, path, body === undefined ? {} : { body });
  const account = async (id: string): Promise<AccountBody> => (await call('GET', `/accounts/${id}`)).body;
  const send = (address: string, text: string) =>
    call('POST', '/messages', { gateway: 'acme', account: address, to: `+${ANN}`, content: { type: 'text', text } });
  const message = async (id: unknown): Promise<Body> => (await call('GET', `/messages/${String(id)}`)).body;
  const tokensOf = (path: string) => stage.sim.requests.filter((each) => each.path === path).map(({ token }) => token);

  const newsOf = (address: string) =>
    stage.bot.news.filter(({ type, account: about }) => type === 'account.updated' && about?.id === address);
  const news = (address: string, fits: (about: Body) => boolean = () => true) =>
    stage.bot.waitForNews(
      ({ type, account: about }) =>
        type === 'account.updated' && about?.id === address && fits(about as unknown as Body),
    );

  describe('are shown whole', () => {
    it('with identity, health, limits, and what waits', async () => {
      const shown = await eventually('the first reading', async () => {
        const found = await account(NUMBER);
        return found['readAt'] !== undefined && found;
      });
      expect(shown).toMatchObject({
        id: NUMBER,
        name: 'Acme',
        phone: '15550783881',
        state: 'active',
        status: 'CONNECTED',
        quality: 'GREEN',
        throughput: 'STANDARD',
        messagingLimit: 'TIER_2K',
        limit: 2_000,
        nameStatus: 'APPROVED',
        verification: 'VERIFIED',
        mode: 'LIVE',
        canSend: 'AVAILABLE',
        queued: 0,
        held: 0,
      });
      expect(shown).not.toHaveProperty('credential');
      const { body } = await call<{ items: AccountBody[] }>('GET', '/accounts');
      expect(body.items.find(({ ['id']: id }) => id === NUMBER)).toEqual(await account(NUMBER));
    });

    it('with what stops them', async () => {
      await call('POST', '/limits/pause', { gateway: 'acme', account: NUMBER, reason: 'holiday' });
      expect(await account(NUMBER)).toMatchObject({ paused: { reason: 'holiday', until: null } });
      await call('POST', '/limits/resume', { gateway: 'acme' });
      expect(await account(NUMBER)).not.toHaveProperty('paused');
    });
  });

  it('are read anew by themselves, told of once, and their limits are in force', async () => {
    const { sim } = stage;
    const problem = { error_code: 141006, error_description: 'Payment.', possible_solution: 'Pay.' };
    const entity = { entity_type: 'WABA', id: WORLD.wabaId, can_send_message: 'LIMITED', errors: [problem] };
    sim.changeNumber(NUMBER, {
      quality: 'YELLOW',
      throughput: 'HIGH',
      messagingLimit: 10_000,
      health: { can_send_message: 'LIMITED', entities: [entity] },
    });
    const event = await news(NUMBER);
    expect(event).toMatchObject({
      account: { id: NUMBER, quality: 'YELLOW', throughput: 'HIGH', canSend: 'LIMITED' },
      changes: expect.arrayContaining([{ field: 'quality_rating', from: 'GREEN', to: 'YELLOW' }]),
    });
    expect(await account(NUMBER)).toMatchObject({
      quality: 'YELLOW',
      limit: 10_000,
      problems: [{ of: `WABA ${WORLD.wabaId}`, code: 141006, description: 'Payment.', solution: 'Pay.' }],
    });
    const limits = await eventually('the limits', async () => {
      const { body } = await call<{ portfolios: { limit: number }[]; accounts: Body[] }>('GET', '/limits?gateway=acme');
      return body.portfolios[0]?.limit === 10_000 && body;
    });
    expect(limits.accounts.find(({ id }) => id === NUMBER)).toMatchObject({ throughput: 1_000, quality: 'YELLOW' });
    const readings = (): number => sim.requests.filter(({ query }) => query['ids'] === WORLD.wabaId).length;
    const before = readings();
    await sim.until(() => readings() > before);
    expect(newsOf(NUMBER)).toHaveLength(1);
  });

  it('keep what is known when a reading fails, and say so', async () => {
    const before = await account(NUMBER);
    const fault = stage.sim.faults.add({ match: { path: '/' }, do: { error: { code: 80_007 } } });
    const failed = await eventually('a failed reading', async () => {
      const found = await account(NUMBER);
      return found['readError'] !== undefined && found;
    });
    expect(failed).toMatchObject({ quality: before['quality'], status: before['status'], readError: /80007/ });
    fault.remove();
  });

  describe('have a link', () => {
    it('with the text encoded', async () => {
      const { status, body } = await call('GET', `/accounts/${NUMBER}/link?text=${encodeURIComponent('Hi & bye 😀')}`);
      expect([status, body]).toEqual([200, { url: 'https://wa.me/15550783881?text=Hi%20%26%20bye%20%F0%9F%98%80' }]);
      expect((await call('GET', `/accounts/${NUMBER}/link`)).body).toEqual({ url: 'https://wa.me/15550783881' });
      expect((await call('GET', '/accounts/1/link')).status).toBe(404);
    });
  });

  describe('have a profile', () => {
    it('that is changed in parts, at the network', async () => {
      expect((await call('GET', `/accounts/${NUMBER}/profile`)).body).toEqual({});
      const change = { about: 'Open', websites: ['https://acme.example'], vertical: 'RETAIL' };
      const { status, body } = await call('PATCH', `/accounts/${NUMBER}/profile`, change);
      expect([status, body]).toEqual([200, change]);
      await call('PATCH', `/accounts/${NUMBER}/profile`, { about: null, email: 'a@acme.example' });
      expect((await call('GET', `/accounts/${NUMBER}/profile`)).body).toEqual({
        websites: change.websites,
        vertical: 'RETAIL',
        email: 'a@acme.example',
      });
    });

    it('with limits that are judged here: path, limit, given', async () => {
      const asked = stage.sim.requests.length;
      const { status, body } = await call('PATCH', `/accounts/${NUMBER}/profile`, { about: 'x'.repeat(140) });
      expect([status, body]).toMatchObject([
        422,
        { code: 'profile.too_long', errors: [{ path: 'about', message: expect.stringMatching(/140.*139/) }] },
      ]);
      const odd = await call('PATCH', `/accounts/${NUMBER}/profile`, { motto: 'x' });
      expect([odd.status, odd.text]).toEqual([400, expect.stringContaining('motto')]);
      expect(stage.sim.requests.slice(asked).filter(({ path }) => path.endsWith('_profile'))).toEqual([]);
    });
  });

  describe('take a new number into use', () => {
    const post = (step: string, body: object = {}) => call('POST', `/accounts/${NEW}/${step}`, body);

    it('step by step, each saying what is missing', async () => {
      expect(await account(NEW)).toMatchObject({ status: 'PENDING', nextStep: 'request-code', canSend: 'BLOCKED' });
      expect((await post('register')).body).toMatchObject({ code: 'account.pin.missing', errors: [{ path: 'pin' }] });
      const early = await post('register', { pin: PIN });
      expect([early.status, early.body]).toMatchObject([
        422,
        {
          code: 'number.registration',
          nextStep: 'request-code',
          detail: expect.stringContaining('POST /accounts/:id/request-code'),
          provider: { code: 133_006 },
        },
      ]);
      expect((await post('request-code', { method: 'sms', language: 'en_US' })).status).toBe(200);
      expect((await post('verify-code', { code: '000-000' })).body).toMatchObject({ provider: { code: 136_025 } });
      const code = stage.sim.world.phoneNumber(NEW).code as string;
      const verified = await post('verify-code', { code: `${code.slice(0, 3)}-${code.slice(3)}` });
      expect([verified.status, verified.body]).toMatchObject([200, { verification: 'VERIFIED', nextStep: 'register' }]);
      const done = await post('register', { pin: PIN });
      expect([done.status, done.body]).toMatchObject([200, { status: 'CONNECTED', canSend: 'AVAILABLE', pin: '••••' }]);
      expect(done.body).not.toHaveProperty('nextStep');
      await news(NEW, (about) => about['status'] === 'CONNECTED');
    });

    it('with a PIN that is kept, and never shown', async () => {
      const out = await post('deregister');
      expect([out.status, out.body]).toMatchObject([200, { status: 'DISCONNECTED', nextStep: 'register' }]);
      const wrong = await post('register', { pin: '999999' });
      expect([wrong.status, wrong.body]).toMatchObject([422, { code: 'number.registration', nextStep: 'register' }]);
      expect((await post('register')).body).toMatchObject({ status: 'CONNECTED' });
      expect((await post('register', { pin: '12ab' })).status).toBe(400);
      expect(JSON.stringify((await call('GET', '/accounts')).body)).not.toContain(PIN);
      expect(stage.patchbay.logLines.join('\n')).not.toMatch(new RegExp(`${PIN}|999999|12ab`));
      expect(JSON.stringify([stage.bot.news, stage.bot.calls.map(({ raw }) => raw)])).not.toContain(PIN);
    });

    it('lets go what was held because it was not registered', async () => {
      await stage.patchbay.command('acme', `whatsapp=subscribe&id=${NEW}`);
      await post('deregister');
      stage.sim.customer(ANN).write(NEW, 'hello');
      await stage.bot.waitFor(({ type, account: about }) => type === 'message.received' && about?.id === NEW);
      const { body } = await send(NEW, 'are you there');
      await eventually('a hold', async () => (await message(body['id']))['status'] === 'held');
      // The message says what the network said of it; that its account holds it is for admission to say, a moment later.
      const holding = await eventually('that the account holds it', async () => {
        const found = await account(NEW);
        return found['held'] === 1 && found;
      });
      expect(holding).toMatchObject({
        holds: [{ code: 'number.unregistered', detail: expect.stringContaining('/register') }],
        queued: 0,
      });
      await post('register');
      await eventually('that it goes', async () =>
        ['accepted', 'sent', 'delivered', 'read'].includes(String((await message(body['id']))['status'])),
      );
    });
  });

  describe('have a credential of their own', () => {
    const patch = (credential: string | null) => call('PATCH', `/accounts/${SHOP}`, { credential });

    it('that is checked, masked, and used in place of the gateway’s', async () => {
      const bad = await patch('EAAnobody');
      expect([bad.status, bad.body]).toMatchObject([
        422,
        { code: 'whatsapp.token.invalid', errors: [{ path: 'credential' }] },
      ]);
      expect((await patch('two words')).status).toBe(400);
      const { status, body } = await patch(OWN_TOKEN);
      expect([status, body['credential']]).toEqual([200, '••••Shop']);
      expect((await account(SHOP))['credential']).toBe('••••Shop');
      expect((await patch('••••Shop')).body['credential']).toBe('••••Shop');
      stage.sim.customer(ANN).write(SHOP, 'hello shop');
      await stage.bot.waitFor(({ type, account: about }) => type === 'message.received' && about?.id === SHOP);
      const sent = await send(SHOP, 'welcome');
      await eventually('that it goes', async () => (await message(sent.body['id']))['providerId'] !== undefined);
      await call('GET', `/accounts/${SHOP}/profile`);
      await call('POST', `/accounts/${SHOP}/refresh`);
      await stage.sim.until(() => stage.sim.reads.some(({ phoneNumberId }) => phoneNumberId === SHOP));
      for (const path of [`/${SHOP}/messages`, `/${SHOP}/whatsapp_business_profile`, `/${SHOP}`]) {
        expect([path, new Set(tokensOf(path))]).toEqual([path, new Set([OWN_TOKEN])]);
      }
      expect(stage.patchbay.logLines.join('\n')).not.toContain(OWN_TOKEN);
    });

    it('whose end holds this account alone, until it has another', async () => {
      stage.sim.world.addToken({ token: OWN_TOKEN, valid: false });
      const { body } = await send(SHOP, 'still there?');
      const held = await eventually('a hold', async () => {
        const found = await message(body['id']);
        return found['status'] === 'held' && found;
      });
      expect(held).toMatchObject({ held: { reason: 'account' } });
      expect((await account(SHOP)).holds).toMatchObject([{ code: 'token.invalid' }]);
      expect((await call('GET', '/gateways/acme')).body).toMatchObject({ status: 'ok' });
      const other = await call('POST', '/messages', {
        gateway: 'acme',
        account: NUMBER,
        to: '+16505550042',
        content: { type: 'template', name: 'hello', language: 'en_US' },
      });
      await eventually(
        'that the other number sends',
        async () => (await message(other.body['id']))['providerId'] !== undefined,
      );
      await eventually('a warning', async () => {
        const { body: gateway } = await call<{ warnings: string[] }>('GET', '/gateways/acme');
        return gateway.warnings.some((warning) => warning.includes(SHOP));
      });
      expect((await patch(null)).body).not.toHaveProperty('credential');
      await eventually('that it goes on', async () => (await message(body['id']))['providerId'] !== undefined);
      expect((await call<{ warnings: string[] }>('GET', '/gateways/acme')).body.warnings.join()).not.toContain(SHOP);
      expect(tokensOf(`/${SHOP}/messages`).at(-1)).toBe(WORLD.token);
    });
  });

  describe('show people that somebody is there', () => {
    const dialogOf = async (
      address: string,
      customer: string,
      text: string,
    ): Promise<{ id: string; wamid: string }> => {
      const wamid = stage.sim.customer(customer).write(address, text);
      const { event } = await stage.bot.waitFor(({ message: about }) => about?.providerId === wamid);
      return { id: event.dialog.id, wamid };
    };
    const readsOf = (wamid: string) => stage.sim.reads.filter(({ messageId }) => messageId === wamid);

    it('by marking what the bot has taken, by itself, which failures do not touch', async () => {
      const { wamid } = await dialogOf(NUMBER, '16505550043', 'one');
      await stage.sim.until(() => readsOf(wamid).length === 1);
      expect(readsOf(wamid)).toMatchObject([{ phoneNumberId: NUMBER, typing: false }]);
      const marks = (): Promise<string> =>
        stage.patchbay.call('GET', '//metrics', { key: null }).then(({ text }) => text);
      stage.sim.faults.add({ match: { path: `/${NUMBER}/messages`, times: 1 }, do: { error: { code: 131_000 } } });
      const failing = await dialogOf(NUMBER, '16505550043', 'two');
      await eventually('the count', async () =>
        /patchbay_presence_total\{[^}]*result="refused"\} [1-9]/.test(await marks()),
      );
      expect(readsOf(failing.wamid)).toEqual([]);
      const next = await dialogOf(NUMBER, '16505550043', 'three');
      await stage.sim.until(() => readsOf(next.wamid).length === 1);
    });

    it('when they are asked to', async () => {
      const { id, wamid } = await dialogOf(NUMBER, '16505550044', 'hi');
      for (const sign of ['read', 'typing']) {
        const { status, body } = await call('POST', `/dialogs/${id}/${sign}`);
        expect([status, body]).toEqual([200, { message: { id: expect.any(String), providerId: wamid } }]);
      }
      expect(readsOf(wamid).filter(({ typing }) => typing)).toHaveLength(1);
    });

    it('not where nobody has written, or too long ago', async () => {
      const sent = await call('POST', '/messages', {
        gateway: 'acme',
        account: NUMBER,
        to: '+16505550045',
        content: { type: 'template', name: 'hello', language: 'en_US' },
      });
      const silent = await call(
        'POST',
        `/dialogs/${String((sent.body['dialog'] as Body)['id'] ?? sent.body['dialog'])}/read`,
      );
      expect([silent.status, silent.body]).toMatchObject([422, { code: 'presence.no_message' }]);
      const wamid = stage.sim.customer('16505550046').write(NUMBER, {
        type: 'text',
        text: { body: 'long ago' },
        timestamp: String(Math.floor(Date.now() / 1_000) - 31 * 24 * 3_600),
      });
      const { event } = await stage.bot.waitFor(({ message: about }) => about?.providerId === wamid);
      const old = await call('POST', `/dialogs/${event.dialog.id}/typing`);
      expect([old.status, old.body]).toMatchObject([422, { code: 'presence.too_old' }]);
      expect((await call('POST', '/dialogs/no-such-id/read')).status).toBe(404);
    });
  });
});
