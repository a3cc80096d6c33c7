import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import { freePort } from '../support/patchbay.js';
import { type Stage, WORLD, openStage } from '../support/stage.js';

interface Item {
  readonly id: string;
  readonly warning?: string;
  readonly error?: { readonly message: string };
  readonly subscribed_fields?: string[];
}

interface Gateway {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the popup showed at its end, and whom it told what. */
interface Shown {
  readonly status: number;
  readonly text: string;
  readonly csp: string;
  readonly posted: readonly (readonly [{ readonly status: string; readonly detail: string }, string])[];
}

const PUBLIC_URL = 'https://chat.example.test';
const ADMIN = 'https://admin.example';
/** granted by people, and nothing of the system user's */
const CUSTOMERS = '55';

let stage: Stage;
let count = 0;

beforeAll(async () => {
  const port = await freePort();
  stage = await openStage({
    env: { PUBLIC_URL },
    patchbay: { port },
    simulator: {
      tunnels: { [PUBLIC_URL]: `http://127.0.0.1:${port}` },
      world: {
        users: [{ id: 'fan' }, { id: 'nobody' }],
        wabas: [
          { id: CUSTOMERS, name: 'Customer', assignedTo: ['fan'], ownedBy: null, phoneNumbers: [{ id: '551' }] },
          { id: '66', name: 'Shared', phoneNumbers: [{ id: '661' }, { id: '662' }] },
        ],
      },
    },
  });
});

afterAll(() => stage.close());

beforeEach(() => {
  app().consent = {};
  app().callback = undefined;
  for (const { subscribedApps } of stage.sim.world.wabas.values()) subscribedApps.clear();
});

const app = () => stage.sim.world.app(WORLD.appId);
const overrideOf = (waba: string) => stage.sim.world.waba(waba).subscribedApps.get(WORLD.appId)?.override_callback_uri;
const exchanges = (): number => stage.sim.requests.filter(({ path }) => path === '/oauth/access_token').length;

async function gateway(metadata: object = {}): Promise<string> {
  count += 1;
  const uri = `g${count}`;
  const made = await stage.patchbay.call('POST', '/gateways', {
    body: {
      name: uri,
      uri,
      type: 'messenger',
      metadata: {
        whatsapp_token: WORLD.token,
        client_id: WORLD.appId,
        client_secret: WORLD.appSecret,
        oauth_url: stage.sim.url,
        ...metadata,
      },
    },
  });
  expect([made.status, made.body['status']]).toEqual([201, 'ok']);
  return uri;
}

const shownOf = async (uri: string): Promise<Gateway> =>
  (await stage.patchbay.call<Gateway>('GET', `/gateways/${uri}`)).body;

const command = async (uri: string, query: string): Promise<Item[]> => {
  const { status, body } = await stage.patchbay.command<Item[]>(uri, `whatsapp=${query}`);
  expect(status).toBe(200);
  return body;
};

async function follow(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url.replace(PUBLIC_URL, stage.patchbay.url), { redirect: 'manual', headers });
}

/** Opens the popup; where the browser is sent. */
async function start(
  uri: string,
  query = `origin=${encodeURIComponent(ADMIN)}`,
  key = 'test-admin-key-0123456789',
): Promise<URL> {
  const url = `${PUBLIC_URL}/chat/${uri}?whatsapp=setup&flow=oauth&${query}`;
  const answer = await follow(url, { authorization: `Bearer ${key}` });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store']);
  return new URL(answer.headers.get('location') ?? '');
}

/** The person does what `consent` says; where Meta sends the browser back. */
async function consent(dialog: URL): Promise<URL> {
  const answer = await follow(dialog.href);
  return new URL(answer.headers.get('location') ?? '');
}

async function land(back: URL): Promise<Shown> {
  const answer = await follow(back.href);
  const text = await answer.text();
  const csp = answer.headers.get('content-security-policy') ?? '';
  const posted: Shown['posted'][number][] = [];
  const script = /<script nonce="([^"]+)">(.*?)<\/script>/s.exec(text);
  if (script) {
    expect(csp).toContain(`script-src 'nonce-${script[1]}'`);
    const opener = {
      postMessage: (message: object, origin: string) => void posted.push([{ ...message } as never, origin]),
    };
    runInNewContext(script[2] ?? '', { window: { opener, close: () => undefined } });
  }
  expect(csp).toMatch(/^default-src 'none'/);
  return { status: answer.status, text, csp, posted };
}

const popup = async (uri: string, query?: string): Promise<Shown> => land(await consent(await start(uri, query)));

describe('setup with flow=oauth', () => {
  it("sends the person to Meta's dialog with a state, and registers what was granted", async () => {
    const uri = await gateway();
    const dialog = await start(uri);
    expect(Object.fromEntries(dialog.searchParams)).toMatchObject({
      client_id: WORLD.appId,
      redirect_uri: `${PUBLIC_URL}/chat/${uri}`,
      response_type: 'code',
      scope: 'whatsapp_business_management,whatsapp_business_messaging',
      state: expect.stringMatching(/^[\w-]{43}$/),
    });
    const { status, posted } = await land(await consent(dialog));
    expect([status, posted]).toEqual([
      200,
      [[{ status: 'success', detail: expect.stringContaining(WORLD.wabaId) }, ADMIN]],
    ]);
    expect((await command(uri, 'search')).map(({ id }) => id)).toContain(WORLD.wabaId);
    expect((await shownOf(uri)).metadata['whatsapp_token']).toBe(`••••${WORLD.token.slice(-4)}`);
  });

  it('opens the configuration that is set', async () => {
    const { searchParams } = await start(await gateway({ oauth_config_id: '4711' }));
    expect([searchParams.get('config_id'), searchParams.has('scope')]).toEqual(['4711', false]);
  });

  it('is started with a ticket too, and tells the page that opened it', async () => {
    const uri = await gateway();
    const made = await stage.patchbay.call<{ url: string }>('POST', `/gateways/${uri}/tickets`);
    const begin = () => follow(`${made.body.url}&flow=oauth`, { referer: `${ADMIN}/gateways?x=1` });
    const dialog = (await begin()).headers.get('location') ?? '';
    expect((await begin()).status).toBe(401);
    const { posted } = await land(await consent(new URL(dialog)));
    expect(posted).toEqual([[expect.objectContaining({ status: 'success' }), ADMIN]]);
  });

  it('tells its own origin when it does not know who asks', async () => {
    expect((await popup(await gateway(), '')).posted[0]?.[1]).toBe(PUBLIC_URL);
  });

  it('takes what was granted for the gateway when its own token does not reach it and nothing is in use', async () => {
    const uri = await gateway();
    app().consent = { userId: 'fan' };
    const { posted } = await popup(uri);
    expect(posted[0]?.[0]).toMatchObject({ status: 'success', detail: expect.stringContaining('from now on') });
    const { metadata, status } = await shownOf(uri);
    expect([status, metadata['whatsapp_token'] === `••••${WORLD.token.slice(-4)}`]).toEqual(['ok', false]);
    const list = await command(uri, `subscribe&id=${CUSTOMERS}`);
    expect([list[0]?.error, list[0]?.subscribed_fields]).toEqual([undefined, ['messages']]);
  });

  it("keeps the gateway's own token when that is in use for what was not granted, and says so", async () => {
    const uri = await gateway();
    await command(uri, 'setup');
    await command(uri, `subscribe&id=${WORLD.wabaId}`);
    app().consent = { userId: 'fan' };
    const { posted } = await popup(uri);
    expect(posted[0]?.[0].detail).toMatch(new RegExp(`keeps its own token.*${CUSTOMERS}`));
    expect((await shownOf(uri)).metadata['whatsapp_token']).toBe(`••••${WORLD.token.slice(-4)}`);
    const list = await command(uri, 'search');
    expect(list.map(({ id }) => id)).toEqual(expect.arrayContaining([WORLD.wabaId, CUSTOMERS]));
    expect(list.flatMap(({ warning }) => warning ?? [])).toEqual([]);
    await command(uri, 'unsubscribe');
  });

  it.each([
    ['a forged state', (back: URL) => back.searchParams.set('state', 'x'.repeat(43))],
    ['two states', (back: URL) => back.searchParams.append('state', 'y')],
    ['an empty state', (back: URL) => back.searchParams.set('state', '')],
  ])('answers %s with a clear page, tells nobody, and asks Meta nothing', async (_, forge) => {
    const back = await consent(await start(await gateway()));
    forge(back);
    const before = exchanges();
    const { status, text, posted } = await land(back);
    expect([status, posted, exchanges()]).toEqual([401, [], before]);
    expect(text).toContain('Start it again');
    expect(text).not.toContain('<script');
  });

  it('takes a state once', async () => {
    const back = await consent(await start(await gateway()));
    expect((await land(back)).status).toBe(200);
    const before = exchanges();
    expect([(await land(back)).status, exchanges()]).toEqual([401, before]);
  });

  it('takes a state for its own gateway only, and keeps it for that', async () => {
    const back = await consent(await start(await gateway()));
    const other = new URL(back.href.replace(back.pathname, `/chat/${await gateway()}`));
    expect((await land(other)).status).toBe(401);
    expect((await land(back)).status).toBe(200);
  });

  it('finishes nothing for a key that was taken away meanwhile', async () => {
    const uri = await gateway();
    const made = await stage.patchbay.call<{ id: string; key: string }>('POST', '/keys', {
      body: { name: 'short-lived', permissions: ['gateways:write'] },
    });
    const back = await consent(await start(uri, '', made.body.key));
    await stage.patchbay.call('DELETE', `/keys/${made.body.id}`);
    expect((await land(back)).status).toBe(401);
    expect(await command(uri, 'search')).toEqual([]);
  });

  it('is no way around the key of another command', async () => {
    const back = await consent(await start(await gateway()));
    back.searchParams.set('whatsapp', 'remove');
    back.searchParams.set('ack', 'true');
    expect((await follow(back.href)).status).toBe(401);
  });

  it('says that the person refused', async () => {
    const uri = await gateway();
    app().consent = { refuses: true };
    const { status, posted } = await popup(uri);
    expect([status, posted]).toEqual([
      400,
      [[{ status: 'error', detail: expect.stringContaining('cancelled') }, ADMIN]],
    ]);
    expect(await command(uri, 'search')).toEqual([]);
  });

  it('shows what comes from outside as text', async () => {
    const back = await consent(await start(await gateway()));
    back.searchParams.delete('code');
    back.searchParams.set('error', 'server_error');
    const evil = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';
    back.searchParams.set('error_description', evil);
    const { text, posted } = await land(back);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toContain('<img');
    expect(posted[0]?.[0].detail).toContain(evil);
  });

  it.each([
    ['a permission was not granted', { scopes: ['whatsapp_business_messaging'] }, 422, /whatsapp_business_management/],
    ['no account was granted', { userId: 'nobody', wabas: [] }, 422, /No account was granted/],
  ])('changes nothing when %s', async (_, given, status, says) => {
    const uri = await gateway();
    app().consent = given;
    const shown = await popup(uri);
    expect([shown.status, shown.posted[0]?.[0].status]).toEqual([status, 'error']);
    expect(shown.posted[0]?.[0].detail).toMatch(says);
    expect(await command(uri, 'search')).toEqual([]);
  });

  it.each([
    ['Meta refuses the code', { error: { code: 100 } }, 400],
    ['Meta does not answer', { drop: 'before' as const }, 502],
  ])('says that %s', async (_, fault, status) => {
    const back = await consent(await start(await gateway()));
    stage.sim.faults.add({ match: { path: '/oauth/access_token' }, do: fault });
    const shown = await land(back);
    stage.sim.faults.clear();
    expect([shown.status, shown.posted[0]?.[0].status]).toEqual([status, 'error']);
    expect(shown.text).not.toContain(WORLD.appSecret);
  });

  it.each([
    ['an origin that is none', {}, 'flow=oauth&origin=javascript:alert(1)', 400, 'onboarding.origin.invalid'],
    ['an origin with a path', {}, `flow=oauth&origin=${ADMIN}/x`, 400, 'onboarding.origin.invalid'],
    ['no app secret', { client_secret: null }, 'flow=oauth', 422, 'onboarding.not_configured'],
    ['another flow', {}, 'flow=saml', 400, 'callback.operation.unknown'],
  ])('does not start with %s', async (_, metadata, query, status, code) => {
    const uri = await gateway();
    await stage.patchbay.call('PATCH', `/gateways/${uri}`, { body: { metadata } });
    const answer = await stage.patchbay.command<{ code: string }>(uri, `whatsapp=setup&${query}`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe('a person who removes the app', () => {
  const callback = (uri: string) => ({ target: `${PUBLIC_URL}/chat/${uri}` });

  it('parks the gateway that lives on the token, with the reason; a new grant brings it back', async () => {
    app().consent = { userId: 'fan' };
    const uri = await gateway();
    await popup(uri);
    expect((await stage.sim.deauthorize('fan', callback(uri))).status).toBe(200);
    expect(await shownOf(uri)).toMatchObject({
      status: 'parked',
      reason: expect.stringMatching(/^fan,.*removed the app/),
    });
    expect((await popup(uri)).status).toBe(200);
    expect((await shownOf(uri)).status).toBe('ok');
  });

  it('is nothing to a gateway that lives on somebody else’s', async () => {
    const uri = await gateway();
    expect((await stage.sim.deauthorize('nobody', callback(uri))).status).toBe(200);
    expect((await shownOf(uri)).status).toBe('ok');
  });

  it('is believed when Meta has signed it only', async () => {
    const uri = await gateway();
    const forged = await stage.sim.deauthorize(WORLD.userId, { ...callback(uri), secret: 'not-the-app-secret' });
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, ...callback(uri) };
    const broken = await stage.sim.postWebhook('signed_request=nodot', form);
    expect([forged.status, broken.status, (await shownOf(uri)).status]).toEqual([401, 401, 'ok']);
  });
});

describe("the account's own callback at Meta", () => {
  it('is set by subscribe, after the handshake, and messages come that way; unsubscribe takes it away', async () => {
    const uri = await gateway();
    await command(uri, 'setup');
    const [item] = await command(uri, `subscribe&id=${WORLD.wabaId}`);
    expect([item?.error, item?.warning, overrideOf(WORLD.wabaId)]).toEqual([
      undefined,
      undefined,
      `${PUBLIC_URL}/chat/${uri}`,
    ]);
    expect(app().callback).toMatchObject({ url: `${PUBLIC_URL}/meta/${WORLD.appId}` });
    stage.sim.customer('16505550101').write(WORLD.phoneNumberId, 'by the override');
    await stage.sim.idle();
    expect(stage.sim.webhooks.at(-1)).toMatchObject({ url: `${PUBLIC_URL}/chat/${uri}`, status: 200 });
    await command(uri, 'unsubscribe');
    expect(stage.sim.world.waba(WORLD.wabaId).subscribedApps.has(WORLD.appId)).toBe(false);
  });

  it("of another owner's is kept, and named as a warning", async () => {
    const uri = await gateway();
    await command(uri, 'setup');
    stage.sim.world.subscribe(WORLD.wabaId, WORLD.appId, 'https://other.example/hook');
    const [item] = await command(uri, `subscribe&id=${WORLD.wabaId}`);
    expect([item?.error, item?.warning]).toEqual([undefined, expect.stringContaining('https://other.example/hook')]);
    expect(overrideOf(WORLD.wabaId)).toBe('https://other.example/hook');
    await command(uri, 'unsubscribe');
  });

  it('is the one that all gateways of the app share, where several use the account', async () => {
    const [first, second] = [await gateway(), await gateway()];
    await command(first, 'setup');
    await command(second, 'setup');
    await command(first, 'subscribe&id=661');
    expect(overrideOf('66')).toBe(`${PUBLIC_URL}/chat/${first}`);
    await command(second, 'subscribe&id=662');
    expect(overrideOf('66')).toBe(`${PUBLIC_URL}/meta/${WORLD.appId}`);
    await command(first, 'unsubscribe&id=661');
    expect(overrideOf('66')).toBe(`${PUBLIC_URL}/meta/${WORLD.appId}`);
    await command(second, 'unsubscribe&id=662');
  });
});
