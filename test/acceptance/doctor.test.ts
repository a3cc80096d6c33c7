import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { freePort } from '../support/patchbay.js';
import { type Stage, WORLD, engage, gatewayBody, openStage } from '../support/stage.js';
import { Tunnel } from '../support/tunnel.js';

interface Step {
  readonly id: string;
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly title: string;
  readonly detail: string;
  readonly advice?: string;
  readonly where?: string;
}

interface Examined {
  readonly ok: boolean;
  readonly steps: Step[];
}

const OTHERS = 'https://other.example/hook';

let stage: Stage;
let tunnel: Tunnel;

beforeAll(async () => {
  tunnel = await Tunnel.start();
  const port = await freePort();
  tunnel.target = `http://127.0.0.1:${port}`;
  stage = await openStage({
    env: { PUBLIC_URL: tunnel.url },
    patchbay: { port },
    simulator: { webhookUrl: `${tunnel.url}/chat/acme`, world: { apps: [{ id: '77' }] } },
  });
  await engage(stage);
});

afterAll(async () => {
  await stage.close();
  await tunnel.close();
});

async function examine(gateway = 'acme'): Promise<Examined> {
  const { status, body } = await stage.patchbay.call<Examined>('GET', `/gateways/${gateway}/doctor`);
  expect(status).toBe(200);
  return body;
}

const idsOf = (steps: readonly Step[], status: Step['status']): string[] =>
  steps.filter((step) => step.status === status).map(({ id }) => id);

const app = () => stage.sim.world.app(WORLD.appId);
const waba = () => stage.sim.world.waba(WORLD.wabaId);
const number = () => stage.sim.world.phoneNumber(WORLD.phoneNumberId);
const token = () => stage.sim.world.token(WORLD.token);

async function patch(metadata: object): Promise<void> {
  expect((await stage.patchbay.call('PATCH', '/gateways/acme', { body: { metadata } })).status).toBe(200);
}

/** What a change at Meta, or on the way, does to a set-up that is right otherwise; it is undone after the examination. */
interface Case {
  readonly name: string;
  readonly change: () => void | Promise<void>;
  readonly undo: () => void | Promise<void>;
  readonly failed: readonly string[];
  readonly warning?: readonly string[];
  /** of these at least */
  readonly skipped?: readonly string[];
  /** words of a step that is not right */
  readonly says: RegExp;
}

function set<T, K extends keyof T>(of: () => T, key: K, value: T[K]): Pick<Case, 'change' | 'undo'> {
  let before: T[K];
  return {
    change: () => {
      before = of()[key];
      of()[key] = value;
    },
    undo: () => {
      of()[key] = before;
    },
  };
}

const way = (value: Tunnel['way']) => set(() => tunnel, 'way', value);
const callback = (url: string, fields?: string[]) => ({
  change: () => {
    const { callback: own } = app();
    if (own) app().callback = { ...own, url, fields: fields ?? own.fields };
  },
  undo: () => {
    app().callback = original;
  },
});
let original: ReturnType<typeof app>['callback'];

const OF_ACCOUNTS = ['subscription', 'number_override', 'account_override', 'number', 'display_name', 'payment'];

const NAMES_THE_CAUSE = /\(step (token|scopes|app_secret|accounts)\)/;

const CASES: readonly Case[] = [
  {
    name: 'a wrong app secret',
    ...set(app, 'secret', 'another-secret-of-the-app'),
    failed: ['app_secret'],
    skipped: ['app_webhook', ...OF_ACCOUNTS],
    says: /client_secret is not the secret of the app/,
  },
  {
    name: 'a wrong app id',
    // Meta does not answer while it is saved, else it would be refused
    change: async () => {
      stage.sim.faults.add({ match: { path: '/debug_token' }, do: { drop: 'before' } });
      await patch({ client_id: '77' });
      stage.sim.faults.clear();
    },
    undo: () => patch({ client_id: WORLD.appId }),
    failed: ['app_id'],
    warning: ['gateway'],
    skipped: ['app_webhook'],
    says: /belongs to the app 1234567890, and client_id is 77/,
  },
  {
    name: 'a callback override of the number',
    change: () => void number().overrides.set(WORLD.appId, OTHERS),
    undo: () => number().overrides.clear(),
    failed: ['number_override'],
    says: new RegExp(`${WORLD.phoneNumberId}.*${OTHERS}`),
  },
  {
    name: "another owner's callback override of the account",
    change: () => stage.sim.world.subscribe(WORLD.wabaId, WORLD.appId, OTHERS),
    undo: () => stage.sim.world.subscribe(WORLD.wabaId, WORLD.appId),
    failed: ['account_override'],
    says: new RegExp(`${WORLD.wabaId}.*${OTHERS}`),
  },
  {
    name: "an app webhook of another owner's",
    ...callback(OTHERS),
    failed: ['app_webhook'],
    says: new RegExp(`belongs to ${OTHERS}.*messages too`),
  },
  {
    name: "an app webhook of another owner's, where the account's own callback is ours",
    change: () => {
      callback(OTHERS).change();
      stage.sim.world.subscribe(WORLD.wabaId, WORLD.appId, `${tunnel.url}/chat/acme`);
    },
    undo: () => {
      callback(OTHERS).undo();
      stage.sim.world.subscribe(WORLD.wabaId, WORLD.appId);
    },
    failed: [],
    warning: ['app_webhook'],
    says: /template and account events go there/,
  },
  {
    name: 'no app webhook at all',
    ...set(app, 'callback', undefined),
    failed: ['app_webhook'],
    says: /no webhook for WhatsApp/,
  },
  {
    name: 'an app that has not selected messages',
    change: () => callback(`${tunnel.url}/chat/acme`, ['account_update']).change(),
    undo: () => callback('').undo(),
    failed: ['app_webhook'],
    says: /not selected the field messages/,
  },
  {
    name: 'an app that has selected messages only',
    change: () => callback(`${tunnel.url}/chat/acme`, ['messages']).change(),
    undo: () => callback('').undo(),
    failed: [],
    warning: ['app_webhook'],
    says: /account_update/,
  },
  {
    name: 'a stale tunnel',
    ...way('elsewhere'),
    failed: ['self_test'],
    skipped: ['handshake'],
    says: /leads elsewhere.*stale tunnel/i,
  },
  {
    name: 'a tunnel that asks for a login',
    ...way('redirected'),
    failed: ['self_test'],
    skipped: ['handshake'],
    says: /redirects to https:\/\/login\.example/,
  },
  {
    name: 'a tunnel that is closed',
    ...way('closed'),
    failed: ['self_test'],
    skipped: ['handshake'],
    says: /does not answer/,
  },
  { name: 'a proxy that changes bodies', ...way('mangled'), failed: ['self_test'], says: /has changed its body/ },
  { name: 'a proxy that drops headers', ...way('unsigned'), failed: ['self_test'], says: /has dropped its signature/ },
  {
    name: 'a token without a permission',
    ...set(token, 'scopes', ['whatsapp_business_messaging']),
    failed: ['scopes'],
    skipped: OF_ACCOUNTS,
    says: /lacks the permission whatsapp_business_management/,
  },
  {
    name: 'a token that ends soon',
    ...set(token, 'expiresAt', Math.floor(Date.now() / 1000) + 3 * 24 * 60 * 60),
    failed: [],
    warning: ['token'],
    says: /which is soon/,
  },
  {
    name: 'a lost subscription',
    change: () => void waba().subscribedApps.delete(WORLD.appId),
    undo: () => stage.sim.world.subscribe(WORLD.wabaId, WORLD.appId),
    failed: ['subscription'],
    says: new RegExp(`not subscribed at Meta to .*${WORLD.wabaId}`),
  },
  {
    name: 'a number that is not registered',
    ...set(number, 'status', 'DISCONNECTED'),
    failed: ['number', 'health'],
    says: new RegExp(`Not registered.*${WORLD.phoneNumberId}.*DISCONNECTED`),
  },
  {
    name: 'a display name that was declined',
    ...set(number, 'name_status', 'DECLINED'),
    failed: ['display_name'],
    says: /DECLINED/,
  },
  { name: 'no payment method', ...set(waba, 'extra', {}), failed: ['payment'], says: /No payment method.*131042/ },
  {
    name: 'no messaging limit yet',
    ...set(number, 'whatsapp_business_manager_messaging_limit', 'TIER_NOT_SET'),
    failed: [],
    warning: ['messaging_limit'],
    says: /250/,
  },
  {
    name: 'Meta away',
    change: () => void stage.sim.faults.add({ match: { path: '/debug_token' }, do: { drop: 'before' } }),
    undo: () => stage.sim.faults.clear(),
    failed: ['token'],
    skipped: ['scopes', ...OF_ACCOUNTS],
    says: /Meta did not answer/,
  },
  {
    name: 'a dead token',
    ...set(token, 'valid', false),
    failed: ['token'],
    skipped: ['scopes', 'app_id', ...OF_ACCOUNTS],
    says: /Meta refused \(190\)/,
  },
];

describe('the doctor', () => {
  it('finds nothing wrong with a set-up that is right', async () => {
    original = app().callback;
    const { ok, steps } = await examine();
    expect(steps.filter(({ status }) => status !== 'ok')).toEqual([
      expect.objectContaining({ id: 'public_url', status: 'warning', advice: expect.stringContaining('PUBLIC_URL') }),
    ]);
    expect(ok).toBe(true);
    expect(steps.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'gateway',
        'token',
        'scopes',
        'app_id',
        'app_secret',
        'handshake',
        'self_test',
        'payment',
      ]),
    );
    const manual = await readFile('docs/doctor.md', 'utf8');
    expect(steps.filter(({ id }) => !manual.includes(`| \`${id}\` |`))).toEqual([]);
    expect(JSON.stringify(steps)).not.toContain(WORLD.token);
    expect(JSON.stringify(steps)).not.toContain(WORLD.appSecret);
    expect(JSON.stringify(steps)).not.toContain(WORLD.verifyToken);
  });

  it.each(CASES)('names $name', async ({ change, undo, failed, warning = [], skipped = [], says }) => {
    await change();
    try {
      const { ok, steps } = await examine();
      expect([idsOf(steps, 'failed'), ok]).toEqual([failed, failed.length === 0]);
      expect(idsOf(steps, 'warning').filter((id) => id !== 'public_url')).toEqual(warning);
      expect(idsOf(steps, 'skipped')).toEqual(expect.arrayContaining([...skipped]));
      const bad = steps.filter(
        ({ id, status }) => id !== 'public_url' && (status === 'failed' || status === 'warning'),
      );
      expect(bad.map(({ detail }) => detail).join('\n')).toMatch(says);
      for (const step of bad) expect(step).toMatchObject({ advice: expect.any(String), where: expect.any(String) });
      for (const { id, detail } of steps.filter(({ status }) => status === 'skipped')) {
        expect([id, detail]).toEqual([id, expect.stringMatching(OF_ACCOUNTS.includes(id) ? NAMES_THE_CAUSE : /^Not /)]);
      }
    } finally {
      await undo();
    }
  });

  it('tells a stranger at the address no secret', () => {
    expect(tunnel.leaked.map(({ method }) => method)).toEqual(['POST', 'POST']);
    expect(JSON.stringify(tunnel.leaked)).not.toContain(WORLD.verifyToken);
  });

  it('leads a new gateway from one step to the next', async () => {
    await stage.patchbay.call('POST', '/gateways', { body: gatewayBody({ uri: 'new', bot: stage.bot }) });
    const { steps } = await examine('new');
    const accounts = steps.find(({ id }) => id === 'accounts');
    expect(accounts).toMatchObject({ status: 'failed', where: 'GET /chat/new?whatsapp=setup' });
    expect(idsOf(steps, 'skipped')).toEqual(expect.arrayContaining(OF_ACCOUNTS));
    await stage.patchbay.command('new', 'whatsapp=setup');
    const found = (await examine('new')).steps.find(({ id }) => id === 'accounts');
    expect(found).toMatchObject({ status: 'failed', where: 'GET /chat/new?whatsapp=subscribe' });
  });

  it('says that webhooks are refused without an app secret', async () => {
    const { client_secret: _none, ...metadata } = (
      gatewayBody({ uri: 'bare', bot: stage.bot }) as { metadata: Record<string, string> }
    ).metadata;
    await stage.patchbay.call('POST', '/gateways', {
      body: { name: 'Bare', uri: 'bare', type: 'messenger', metadata },
    });
    const { steps } = await examine('bare');
    expect(idsOf(steps, 'failed')).toEqual(['app_secret', 'accounts', 'self_test']);
  });
});

describe('npm run smoke:meta', () => {
  const run = async (env: Record<string, string>): Promise<{ code: number | null; said: string }> => {
    const child = spawn(process.execPath, ['scripts/smoke-meta.mjs'], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.push(String(bytes)));
    const [code] = (await once(child, 'exit')) as [number | null];
    return { code, said: said.join('') };
  };
  const env = () => ({
    META_TOKEN: WORLD.token,
    META_APP_ID: WORLD.appId,
    META_APP_SECRET: WORLD.appSecret,
    META_NUMBER_ID: WORLD.phoneNumberId,
    META_RECIPIENT: '+16505557777',
    GRAPH_URL: stage.sim.url,
  });

  it('names what is missing, and ends with 78', async () => {
    const { code, said } = await run({ META_TOKEN: 'x', META_RECIPIENT: '0650' });
    expect(code).toBe(78);
    for (const name of ['META_APP_ID', 'META_APP_SECRET', 'META_NUMBER_ID', 'META_RECIPIENT'])
      expect(said).toContain(name);
    expect(said).not.toContain('META_TOKEN');
  });

  it('sets up, examines, sends one message, and leaves nothing behind', async () => {
    const { code, said } = await run(env());
    expect([code, said]).toEqual([0, expect.stringContaining('All is well.')]);
    for (const words of ['setup finds the number', 'payment:', 'the message is accepted'])
      expect(said).toContain(words);
    expect(stage.sim.customer('16505557777').received).toHaveLength(1);
    expect(waba().subscribedApps.has(WORLD.appId)).toBe(false);
    expect(said).not.toContain(WORLD.token);
    stage.sim.world.subscribe(WORLD.wabaId, WORLD.appId);
  });

  it('ends with 1 when something is wrong, and says what', async () => {
    const { code, said } = await run({ ...env(), PORT: '99999' });
    expect([code, said]).toEqual([1, expect.stringMatching(/did not start.*PORT is not usable/s)]);
  });
});

describe('the self-test', () => {
  const accepted = async (): Promise<number> => {
    const { text } = await stage.patchbay.call('GET', '//metrics', { key: null });
    return Number(
      /^patchbay_provider_events_total\{[^}]*gateway="acme"[^}]*result="accepted"[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0,
    );
  };
  const listed = async (path: string): Promise<unknown> => (await stage.patchbay.call(`GET`, path)).body;

  it('creates no event and no message', async () => {
    const before = [await accepted(), await listed('/messages'), await listed('/events?state=unhandled')];
    expect((await examine()).steps.find(({ id }) => id === 'self_test')?.status).toBe('ok');
    expect([await accepted(), await listed('/messages'), await listed('/events?state=unhandled')]).toEqual(before);
  });

  it('cannot be pretended: an event with a mark of somebody else is an event', async () => {
    const before = await accepted();
    const marks = ['x', `${Date.now()}.nonce.signature`];
    for (const mark of marks) {
      const answer = await stage.sim.postWebhook(
        { object: 'whatsapp_business_account', entry: [] },
        { headers: { 'x-patchbay-self-test': mark } },
      );
      expect([answer.status, answer.body]).toEqual([200, '']);
    }
    expect(await accepted()).toBe(before + marks.length);
  });
});
