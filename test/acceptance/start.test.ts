import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VARIABLES } from '../../src/platform/config/variables.js';
import { type Patchbay, freePort, startPatchbay } from '../support/patchbay.js';
import { raw } from '../support/raw-http.js';
import { type Stage, WORLD, engage, openStage } from '../support/stage.js';
import { askedOf } from '../support/asked.js';

interface Failure {
  readonly code: number | null;
  /** what is not a log line */
  readonly said: string[];
  readonly lines: readonly string[];
}

/** A start that is expected to fail, and what it said. */
async function failToStart(env: Record<string, string>, dataDir?: string): Promise<Failure> {
  const patchbay = await startPatchbay({ env, waitUntilReady: false, ...(dataDir !== undefined && { dataDir }) });
  try {
    const { code } = await patchbay.exited;
    const lines = patchbay.logLines;
    return { code, lines, said: lines.filter((line) => line.trim() !== '' && !line.startsWith('{')) };
  } finally {
    await patchbay.dispose();
  }
}

describe('a bad environment', () => {
  let folder: string;
  let taken: ReturnType<typeof createServer>;
  let takenPort: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchbay-start-'));
    await writeFile(join(folder, 'a-file'), '');
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    takenPort = String((taken.address() as { port: number }).port);
  });

  afterAll(async () => {
    taken.close();
    await rm(folder, { recursive: true, force: true });
  });

  const CASES: readonly (readonly [name: string, value: string, given: RegExp, allowed: RegExp])[] = [
    ['PORT', '70000', /"70000"/, /whole number from 0 to 65535/],
    ['HOST', 'no.such.host.invalid', /"no\.such\.host\.invalid"/, /127\.0\.0\.1/],
    ['PUBLIC_URL', 'ftp://x', /"ftp:\/\/x"/, /http:\/\/ or https:\/\//],
    ['DATA_DIR', '<a file>', /a-file/, /folder/],
    ['DATABASE_URL', 'mysql://someone:pass-word@db/x', /mysql:/, /postgres:\/\//],
    ['REDIS_URL', 'http://:pass-word@redis', /http:/, /redis:\/\//],
    ['ROLES', 'api,boss', /"boss"/, /api, worker/],
    ['ENCRYPTION_KEY', 'c2hvcnQ=', /5 bytes/, /32 bytes in base64/],
    ['ADMIN_API_KEY', 'short', /5 characters/, /at least 16/],
    ['GRAPH_URL', 'graph', /"graph"/, /http:\/\//],
    ['GRAPH_VERSION', '26', /"26"/, /v26\.0/],
    ['API_RATE_LIMIT', '0', /"0"/, /from 1/],
    ['ALLOW_PRIVATE_URLS', 'maybe', /"maybe"/, /true, false/],
    ['RETENTION_EVENTS_DAYS', '7', /"7"/, /from 8/],
    ['RETENTION_MESSAGES_DAYS', 'forever', /"forever"/, /from 8/],
    ['RETENTION_MEDIA_DAYS', '7', /"7"/, /from 8/],
    ['MEDIA_URL', 'https://bucket.example', /https:/, /s3:\/\//],
    ['MEDIA_LINK_SECONDS', '59', /"59"/, /from 60/],
    ['ACCOUNT_REFRESH_SECONDS', '9', /"9"/, /from 10/],
    ['START_HELD', 'perhaps', /"perhaps"/, /true, false/],
    ['LOG_LEVEL', 'loud', /"loud"/, /info/],
    ['LOG_FORMAT', 'xml', /"xml"/, /pretty, json/],
  ];

  it('has a case for every variable', () => {
    expect(CASES.map(([name]) => name)).toEqual(VARIABLES.map(({ name }) => name));
  });

  it.each(CASES)('%s=%s stops the start with one sentence and exit code 78', async (name, value, given, allowed) => {
    const env = name === 'DATA_DIR' ? {} : { [name]: value };
    const { code, said, lines } = await failToStart(env, name === 'DATA_DIR' ? join(folder, 'a-file') : undefined);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(name);
    expect(said[0]).toMatch(given);
    expect(said[0]).toMatch(allowed);
    expect(code).toBe(78);
    expect(lines.join()).not.toContain('pass-word');
  });

  it('a PORT that is taken is named, too', async () => {
    const { code, said } = await failToStart({ PORT: takenPort });
    expect(said).toEqual([expect.stringMatching(new RegExp(`^PORT .*"${takenPort}".*another process`))]);
    expect(code).toBe(78);
  });

  it('DATABASE_URL without ENCRYPTION_KEY says how to make one', async () => {
    const { code, said } = await failToStart({ DATABASE_URL: 'postgres://127.0.0.1:1/x' });
    expect(said).toEqual([expect.stringMatching(/^ENCRYPTION_KEY .*DATABASE_URL.*openssl rand -base64 32/)]);
    expect(code).toBe(78);
  });
});

describe('a process', () => {
  let stage: Stage;
  /** the process that is up at the moment */
  let patchbay: Patchbay;
  let second: Patchbay | undefined;
  const dataDir = mkdtemp(join(tmpdir(), 'patchbay-kept-'));

  beforeAll(async () => {
    stage = await openStage({ patchbay: { dataDir: await dataDir } });
    ({ patchbay } = stage);
    await engage(stage);
  });

  afterAll(async () => {
    await second?.dispose();
    await stage.close();
    await rm(await dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  });

  it('says that it is live and ready, and what it counts, without a key', async () => {
    const live = await patchbay.call('GET', '//health/live', { key: null });
    expect([live.status, live.body]).toEqual([200, { status: 'live' }]);
    const ready = await patchbay.call('GET', '//health/ready', { key: null });
    expect([ready.status, ready.body]).toEqual([200, { status: 'ready' }]);
    const metrics = await patchbay.call('GET', '//metrics', { key: null });
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(metrics.text).toMatch(/^# TYPE patchbay_provider_events_total counter$/m);
    expect((await patchbay.call('GET', '/gateways', { key: null })).status).toBe(401);
  });

  it('keeps its DATA_DIR to itself: a second one says who holds it', async () => {
    const { code, said } = await failToStart({}, await dataDir);
    expect(said).toEqual([expect.stringMatching(new RegExp(`DATA_DIR ${await dataDir} .*process ${patchbay.pid}\\b`))]);
    expect(code).toBe(78);
    expect((await patchbay.call('GET', '//health/ready', { key: null })).status).toBe(200);
  });

  it('keeps what it makes for itself from other users', async () => {
    const { mode } = await stat(join(await dataDir, 'encryption.key'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('finishes the bot call and the send that are in flight, and exits 0', async () => {
    const { sim, bot } = stage;
    let answerBot: () => void = () => undefined;
    const after = new Promise<void>((resolve) => (answerBot = resolve));
    bot.answer = ({ event }) =>
      event.message?.text === 'bye' ? { body: { variables: { seen: 'yes' } }, after } : undefined;
    const customer = sim.customer('16505550001');
    customer.write(WORLD.phoneNumberId, 'bye');
    await bot.waitFor(({ message }) => message?.text === 'bye');

    sim.faults.add({ match: { path: '/messages', times: 1 }, do: { delayMs: 1_500 } });
    const sent = await patchbay.call<{ id: string }>('POST', '/messages', {
      body: { gateway: stage.uri, to: '+16505550001', content: { type: 'text', text: 'farewell' } },
    });
    expect(sent.status).toBe(202);
    await sim.until(() => sim.sent.length === 1);
    const exit = patchbay.stop();
    await patchbay.waitForLog((line) => line.includes('finishing what is in flight'));
    answerBot();
    expect(await exit).toEqual({ code: 0, signal: null });

    patchbay = await startPatchbay({ dataDir: await dataDir, env: { GRAPH_URL: sim.url } });
    second = patchbay;
    const { body: message } = await patchbay.call<{ status: string; attempts: unknown[]; providerId: string }>(
      'GET',
      `/messages/${sent.body.id}`,
    );
    expect(message.providerId).toBe(sim.sent[0]?.id);
    expect(message.attempts).toHaveLength(1);
    expect(sim.sent).toHaveLength(1);
    const { body: dialogs } = await patchbay.call<{ items: { variables: object }[] }>('GET', '/dialogs');
    expect(dialogs.items).toMatchObject([{ variables: { seen: 'yes' } }]);
    expect(bot.events.filter(({ message: about }) => about?.text === 'bye')).toHaveLength(1);
  });

  it('is what it was after a restart, without asking Meta', async () => {
    const { sim } = stage;
    const asked = askedOf(sim);
    const { body: gateways } = await patchbay.call<{ items: object[] }>('GET', '/gateways');
    expect(gateways.items).toMatchObject([{ uri: stage.uri, status: 'ok' }]);
    const { body: accounts } = await patchbay.call<{ items: object[] }>('GET', '/accounts');
    expect(accounts.items).toMatchObject([{ id: WORLD.phoneNumberId, state: 'active' }]);
    const found = await patchbay.command(stage.uri, 'whatsapp=');
    expect(found.body).toMatchObject([
      { id: WORLD.wabaId, subscribed_fields: ['messages'], phone_numbers: [{ id: WORLD.phoneNumberId, active: true }] },
    ]);
    const { body: dialogs } = await patchbay.call<{ items: object[] }>('GET', '/dialogs');
    expect(dialogs.items).toHaveLength(1);
    expect(askedOf(sim)).toBe(asked);
  });
});

describe('ROLES=worker', () => {
  it('listens for health and metrics, and for nothing else', async () => {
    const port = await freePort();
    const worker = await startPatchbay({ port, env: { ROLES: 'worker' } });
    try {
      for (const path of ['/health/live', '/health/ready', '/metrics']) {
        expect([path, (await raw(worker, path)).status]).toEqual([path, 200]);
      }
      const headers = { authorization: 'Bearer test-admin-key-0123456789' };
      for (const path of [
        '/api/v1/gateways',
        '/api/openapi.json',
        '/api/docs',
        '/chat/acme?whatsapp=',
        '/meta/1',
        '/health/livex',
        '/metrics/../api/v1/gateways',
      ]) {
        expect([path, (await raw(worker, path, { headers })).status]).toEqual([path, 404]);
      }
      expect(await worker.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await worker.dispose();
    }
  });
});
