import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createDatabase } from '../support/database.js';
import { ADMIN_KEY, type CallOptions, type Patchbay, eventually, startPatchbay } from '../support/patchbay.js';
import { type Stage, WORLD, openStage } from '../support/stage.js';

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');

describe('the secrets of a whole run', () => {
  const WHATSAPP_TOKEN = 'EAAmarker9whatsapp9token9of9this9run';
  const CLIENT_SECRET = 'marker9client9secret9of9this9run';
  const PREVIOUS_SECRET = 'marker9previous9secret9of9this9run';
  const VERIFY_TOKEN = 'marker9verify9token9of9this9run';
  const BOT_SECRET = `whsec_${Buffer.from('marker9bot9secret9of9this9run').toString('base64')}`;
  const WEBHOOK_SECRET = `whsec_${Buffer.from('marker9webhook9secret9of9this9run').toString('base64')}`;
  const ENCRYPTION_KEY = key(0x5a);
  /** what nobody may find; keys and tickets join as they are made */
  const secrets: string[] = [
    WHATSAPP_TOKEN,
    CLIENT_SECRET,
    PREVIOUS_SECRET,
    VERIFY_TOKEN,
    BOT_SECRET,
    BOT_SECRET.slice('whsec_'.length),
    'marker9bot9secret9of9this9run',
    WEBHOOK_SECRET,
    WEBHOOK_SECRET.slice('whsec_'.length),
    'marker9webhook9secret9of9this9run',
    ENCRYPTION_KEY,
    ADMIN_KEY,
  ];
  const answers: string[] = [];
  let stage: Stage;
  let database: Client;

  beforeAll(async () => {
    const connectionString = await createDatabase();
    stage = await openStage({
      env: { DATABASE_URL: connectionString, ENCRYPTION_KEY, ALLOW_PRIVATE_URLS: 'true', LOG_LEVEL: 'trace' },
      simulator: {
        world: {
          apps: [{ id: '88', secret: CLIENT_SECRET }],
          tokens: [{ token: WHATSAPP_TOKEN, appId: '88' }],
        },
      },
    });
    database = new Client({ connectionString });
    await database.connect();
    await wholeRun();
  });

  afterAll(async () => {
    await database.end();
    await stage.close();
  });

  /** @param once an answer that shows its secrets by contract */
  async function call(method: string, path: string, options: CallOptions = {}, once = false) {
    const answer = await stage.patchbay.call(method, path, options);
    const headers = JSON.stringify([...answer.headers]);
    answers.push(`${method} ${path.slice(0, 60)} ${headers} ${once ? '' : answer.text}`);
    return answer;
  }

  async function wholeRun(): Promise<void> {
    const { sim, bot } = stage;
    const metadata = {
      whatsapp_token: WHATSAPP_TOKEN,
      client_id: '88',
      client_secret: CLIENT_SECRET,
      client_secret_previous: PREVIOUS_SECRET,
      verify_token: VERIFY_TOKEN,
    };
    const body = {
      name: 'Acme',
      uri: 'acme',
      type: 'messenger',
      metadata,
      bot: { url: bot.url, secret: BOT_SECRET, events: ['*'] },
    };
    const made = await call('POST', '/gateways', { body }, true);
    expect([made.status, made.text.includes(VERIFY_TOKEN), made.text.includes(BOT_SECRET)]).toEqual([201, true, true]);
    for (const marker of [WHATSAPP_TOKEN, CLIENT_SECRET, PREVIOUS_SECRET]) expect(made.text).not.toContain(marker);
    const webhook = { url: bot.url, events: ['message.received'], secret: WEBHOOK_SECRET };
    const hooked = await call('POST', '/webhooks', { body: webhook }, true);
    expect([hooked.status, hooked.text.includes(WEBHOOK_SECRET)]).toEqual([201, true]);
    await call('POST', '/webhooks', { body: { ...webhook, url: 'nowhere' } });
    await call('GET', `/webhooks/${String(hooked.body['id'])}`);
    await call('PATCH', `/webhooks/${String(hooked.body['id'])}`, { body: { events: ['*'] } });
    await call('POST', '/gateways', { body });
    await call('POST', '/gateways', { body: { ...body, uri: 'other', metadata: { ...metadata, client_id: '1' } } });
    await call('POST', '/gateways', { body: { ...body, uri: 'a b' } });
    await call('POST', '/gateways', {
      body: {
        ...body,
        uri: 'other',
        metadata: { [WHATSAPP_TOKEN.slice(3, 9)]: 'x', ...metadata, version: CLIENT_SECRET.slice(0, 3) },
      },
    });
    await call('PATCH', '/gateways/acme', { body: { metadata: { whatsapp_token: WHATSAPP_TOKEN } } });
    await call('PATCH', '/gateways/acme', { body: { name: 'Acme 2', bot: { timeoutSeconds: 5 } } });
    const ticket = await call('POST', '/gateways/acme/tickets', {}, true);
    secrets.push(String(ticket.body['ticket']));
    const created = await call(
      'POST',
      '/keys',
      { body: { name: 'k', permissions: ['gateways:read', 'gateways:write', 'messages:send'] } },
      true,
    );
    const apiKey = String(created.body['key']);
    secrets.push(apiKey);
    sim.world.app('88').callback = {
      url: `${stage.patchbay.url}/chat/acme`,
      verifyToken: VERIFY_TOKEN,
      fields: ['messages'],
    };
    for (const query of [
      `whatsapp=setup&ticket=${String(ticket.body['ticket'])}`,
      `whatsapp=setup&ticket=${String(ticket.body['ticket'])}`,
    ]) {
      await call('GET', `//chat/acme?${query}`, { key: null });
    }
    await call('GET', '//chat/acme?whatsapp=setup', { key: apiKey });
    await call('GET', '//chat/acme?whatsapp=subscribe', { key: apiKey });
    await call('GET', `//chat/acme?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${VERIFY_TOKEN}`, { key: null });
    await call('GET', `//chat/acme?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${VERIFY_TOKEN}x`, {
      key: null,
    });

    const customer = sim.customer('16505551234', { name: 'Ann' });
    bot.answer = ({ event }) =>
      event.type === 'message.received' ? { body: { replies: [{ type: 'text', text: 'hello' }] } } : undefined;
    customer.write(WORLD.phoneNumberId, 'hi');
    await customer.nextMessage();
    // Only this one: what the bot does not take holds up what is behind it in the dialog.
    bot.answer = ({ event }) => (event.message?.text === 'hi again' ? { status: 500 } : undefined);
    customer.write(WORLD.phoneNumberId, 'hi again');
    await bot.waitFor(({ message }) => message?.text === 'hi again');

    // Meta refuses, repeats our token in its words, breaks, and is cut off.
    const send = { gateway: 'acme', to: '+16505551234', content: { type: 'text', text: 'x' } };
    sim.faults.add({
      match: { path: '/messages', times: 1 },
      do: { status: 400, error: { code: 131026, message: `Malformed access token ${WHATSAPP_TOKEN}` } },
    });
    const refused = await call('POST', '/messages', { body: send, key: apiKey });
    await eventually('the refusal', async () => {
      const { body: message } = await stage.patchbay.call('GET', `/messages/${String(refused.body['id'])}`);
      return message['status'] === 'failed';
    });
    for (const fault of [
      { status: 500, bodyless: true },
      { drop: 'before' },
      { status: 401, error: { code: 190, message: `bad ${WHATSAPP_TOKEN} ${CLIENT_SECRET}` } },
    ] as const) {
      sim.faults.clear();
      sim.faults.add({ match: { path: '/debug_token' }, do: fault });
      sim.faults.add({ match: { path: '/subscribed_apps' }, do: fault });
      sim.faults.add({ match: { path: '/me' }, do: fault });
      await call('GET', '//chat/acme?whatsapp=setup');
      await call('GET', '//chat/acme?whatsapp=subscribe');
      await call('PATCH', '/gateways/acme', {
        body: { metadata: { whatsapp_token: WHATSAPP_TOKEN, in_doubt: 'fail' } },
      });
      await call('PATCH', '/gateways/acme', { body: { metadata: { in_doubt: null } } });
    }
    sim.faults.clear();
    await sim.postWebhook({ nonsense: true }, { appId: '88' });
    await sim.postWebhook({ nonsense: true }, { appId: '88', signature: `sha256=${CLIENT_SECRET}` });
    await call('POST', '/messages', { body: send, headers: { 'idempotency-key': 'once' } });
    for (const path of [
      '/gateways',
      '/gateways/acme',
      '/gateway-types',
      '/accounts',
      '/keys',
      '/webhooks',
      '/messages',
      '/dialogs',
      '/events?state=unhandled',
      '/events?state=parked',
      '//health/ready',
      '//metrics',
      '//api/openapi.json',
      '//api/docs',
      '/nothing',
      '//nothing',
    ]) {
      await call('GET', path);
      await call('GET', path, { key: `${ADMIN_KEY}x` });
    }
  }

  const foundIn = (text: string): string[] => secrets.filter((secret) => text.includes(secret));

  it('are in no answer but those that show them once', () => {
    expect(answers.length).toBeGreaterThan(50);
    expect(answers.flatMap((answer) => foundIn(answer).map((secret) => [secret, answer]))).toEqual([]);
  });

  it('are in no log line, at the most talkative level', () => {
    const lines = stage.patchbay.logLines;
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.flatMap((line) => foundIn(line).map((secret) => [secret, line]))).toEqual([]);
  });

  it('are in no column of any table, and neither are they there as bytes or in base64', async () => {
    const { rows: tables } = await database.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema IN ('patchbay', 'patchbay_queue') AND table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(20);
    const found: unknown[] = [];
    let [rows, sees] = [0, false];
    for (const { name } of tables) {
      const { rows: dumped } = await database.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
      for (const row of dumped) {
        rows += 1;
        const text = Object.values(row)
          .map((value) =>
            Buffer.isBuffer(value) ? `${value.toString('latin1')} ${value.toString('base64')}` : JSON.stringify(value),
          )
          .join('\n');
        // What is no secret is found: the search can see.
        sees ||= text.includes('hi again');
        const plain = [
          ...secrets,
          ...secrets.map((secret) => Buffer.from(secret).toString('base64').replace(/=+$/, '')),
        ];
        for (const secret of plain) if (text.includes(secret)) found.push([name, secret]);
      }
    }
    expect([rows > 30, sees]).toEqual([true, true]);
    expect(found).toEqual([]);
  });

  it('the process itself was not disturbed', async () => {
    expect((await stage.patchbay.call('GET', '//health/ready', { key: null })).status).toBe(200);
  });
});

describe('the encryption key', () => {
  let stage: Stage;
  let current: Patchbay;
  const folder = mkdtemp(join(tmpdir(), 'patchbay-keys-'));

  beforeAll(async () => {
    stage = await openStage({ patchbay: { dataDir: await folder, env: { ENCRYPTION_KEY: key(1) } } });
    current = stage.patchbay;
    const made = await current.call('POST', '/gateways', {
      body: {
        name: 'Acme',
        uri: 'acme',
        type: 'messenger',
        metadata: { whatsapp_token: WORLD.token },
        bot: { url: stage.bot.url },
      },
    });
    expect(made.body).toMatchObject({ status: 'ok' });
    const webhook = await current.call('POST', '/webhooks', { body: { url: stage.bot.url, events: ['*'] } });
    expect(webhook.status).toBe(201);
  });

  async function webhookState(): Promise<{ state: string; reason?: string }[]> {
    return (await current.call<{ items: { state: string; reason?: string }[] }>('GET', '/webhooks')).body.items;
  }

  afterAll(async () => {
    await current.dispose();
    await stage.close();
    await rm(await folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  });

  async function restart(keys: string): Promise<{ status: string; reason?: string; metadata: object }> {
    await current.stop();
    current = await startPatchbay({ dataDir: await folder, env: { GRAPH_URL: stage.sim.url, ENCRYPTION_KEY: keys } });
    const { body } = await current.call<{ status: string; reason?: string; metadata: object }>('GET', '/gateways/acme');
    return body;
  }

  it('rotates: the new one in front writes everything again, then the old one can go', async () => {
    expect(await restart(`${key(2)},${key(1)}`)).toMatchObject({
      status: 'ok',
      metadata: { whatsapp_token: '••••oken' },
    });
    await current.waitForLog((line) => line.includes('wrote stored secrets again'));
    expect(await restart(key(2))).toMatchObject({ status: 'ok', metadata: { whatsapp_token: '••••oken' } });
    expect((await current.command('acme', 'whatsapp=setup')).status).toBe(200);
    expect(await webhookState()).toEqual([expect.objectContaining({ state: 'active' })]);
  });

  it('that reads nothing parks the gateway with a clear reason, and the process lives', async () => {
    const parked = await restart(key(3));
    expect(parked).toMatchObject({ status: 'parked', reason: expect.stringMatching(/cannot be read.*ENCRYPTION_KEY/) });
    expect((await current.call('GET', '//health/ready', { key: null })).status).toBe(200);
    expect(current.logLines.join('\n')).toContain('a gateway needs attention');
    expect(await webhookState()).toEqual([
      expect.objectContaining({ state: 'disabled', reason: expect.stringContaining('ENCRYPTION_KEY') }),
    ]);
    expect(await restart(key(2))).toMatchObject({ status: 'ok' });
  });
});

describe('the admin key', () => {
  it('is made, printed once, and kept for its owner alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-admin-'));
    const start = () => startPatchbay({ dataDir: folder, env: { ADMIN_API_KEY: '' } });
    let patchbay = await start();
    try {
      const made = (await readFile(join(folder, 'admin.key'), 'utf8')).trim();
      expect(patchbay.logLines.filter((line) => line.includes(made))).toHaveLength(1);
      expect((await patchbay.call('GET', '/gateways', { key: made })).status).toBe(200);
      await patchbay.stop();
      patchbay = await start();
      expect(patchbay.logLines.filter((line) => line.includes(made))).toEqual([]);
      expect((await patchbay.call('GET', '/gateways', { key: made })).status).toBe(200);
    } finally {
      await patchbay.dispose();
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    }
  });
});
