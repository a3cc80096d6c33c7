/**
 * Set-up, doctor and one message against the real platform, with a Patchbay of its own that is gone afterwards:
 *
 *   META_TOKEN=EAAG… META_APP_ID=… META_APP_SECRET=… META_NUMBER_ID=… META_RECIPIENT=+1650… npm run smoke:meta
 *
 * Use an app that serves nothing else: its subscription to the account is made, and ended when the run is over. With an https
 * PUBLIC_URL that leads to PORT of this machine, the way back is proved too, and the message must be delivered. GRAPH_URL may
 * lead to the simulator. Exits 0 when all is well, 1 when something is not, 78 when the environment is not usable.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const REQUIRED = {
  META_TOKEN: 'a token of a system user, with both WhatsApp permissions',
  META_APP_ID: 'the id of its app',
  META_APP_SECRET: 'the secret of that app',
  META_NUMBER_ID: 'the id of the phone number that sends (not the number itself)',
  META_RECIPIENT: 'who gets the message, as +<country code><number>; on the list of recipients, for a test number',
};
const {
  META_TEMPLATE = 'hello_world',
  META_TEMPLATE_LANGUAGE = 'en_US',
  PUBLIC_URL,
  GRAPH_URL,
  GRAPH_VERSION,
} = process.env;
const STARTS_WITHIN_MS = 120_000;
const ANSWERS_WITHIN_MS = 60_000;
const ARRIVES_WITHIN_MS = 120_000;
/** What is not to be had without an address that Meta can call. */
const BY_ADDRESS = new Set(['app_webhook', 'number_override', 'account_override']);
const MARKS = { ok: ' ok ', warning: 'warn', failed: 'FAIL', skipped: 'skip' };

class Failure extends Error {}

function requireEnvironment() {
  const missing = Object.entries(REQUIRED).filter(([name]) => !process.env[name]?.trim());
  const faults = missing.map(([name, meaning]) => `${name} is not set: ${meaning}.`);
  const recipient = process.env.META_RECIPIENT?.trim();
  if (recipient && !/^\+[1-9]\d{6,14}$/.test(recipient)) {
    faults.push('META_RECIPIENT is not usable: allowed is + with country code and number, digits only.');
  }
  if (PUBLIC_URL && !/^https?:\/\//.test(PUBLIC_URL)) {
    faults.push(`PUBLIC_URL is not usable: given "${PUBLIC_URL}", allowed is an https address that leads here.`);
  }
  if (faults.length === 0) return;
  console.error(['smoke:meta talks to the real platform and needs to be told with what:', ...faults].join('\n  '));
  process.exit(78);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

requireEnvironment();
const build = spawnSync(process.execPath, [fileURLToPath(new URL('build-if-needed.mjs', import.meta.url))], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (build.status !== 0) process.exit(1);

const key = randomBytes(24).toString('base64url');
const port = process.env.PORT ?? (PUBLIC_URL ? '3000' : String(await freePort()));
const url = `http://127.0.0.1:${port}`;
const dataDir = mkdtempSync(join(tmpdir(), 'patchbay-smoke-'));
const log = [];
const child = spawn(process.execPath, [fileURLToPath(new URL('../dist/main.js', import.meta.url))], {
  env: {
    PATH: process.env.PATH,
    PORT: port,
    PUBLIC_URL: PUBLIC_URL ?? url,
    DATA_DIR: dataDir,
    ADMIN_API_KEY: key,
    LOG_FORMAT: 'json',
    ...(GRAPH_URL && { GRAPH_URL }),
    ...(GRAPH_VERSION && { GRAPH_VERSION }),
  },
  stdio: ['ignore', 'pipe', 'pipe'],
});
for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => log.push(String(bytes)));
const ended = once(child, 'exit').then(() => true);

async function call(method, path, body) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Failure(`${method} ${path} answered ${response.status}: ${text.slice(0, 1_000)}`);
  return text === '' ? undefined : JSON.parse(text);
}

async function eventually(what, withinMs, find) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (Date.now() > deadline) throw new Failure(`${what} did not happen within ${withinMs / 1_000} s`);
    await sleep(250);
  }
}

async function step(name, action) {
  const result = await action();
  console.log(`[ ok ] ${name}`);
  return result;
}

async function ready() {
  const isUp = await Promise.race([
    ended.then(() => 'ended'),
    fetch(`${url}/health/ready`)
      .then(({ ok }) => ok)
      .catch(() => false),
  ]);
  if (isUp === 'ended') throw new Failure(`Patchbay did not start:\n${log.join('').slice(-2_000)}`);
  return isUp;
}

/** Prints every step; the names of those that failed and could have been right. */
async function examine() {
  const { steps } = await call('GET', '/api/v1/gateways/smoke/doctor');
  const failed = [];
  for (const { id, status, detail, advice, where } of steps) {
    const isExcused = status === 'failed' && !PUBLIC_URL && BY_ADDRESS.has(id);
    console.log(`[${isExcused ? 'skip' : MARKS[status]}] ${id}: ${detail}`);
    if (status === 'failed' || status === 'warning') console.log(`       ${advice ?? ''}${where ? ` (${where})` : ''}`);
    if (status === 'failed' && !isExcused) failed.push(id);
  }
  if (!PUBLIC_URL)
    console.log('       Without PUBLIC_URL nothing comes in: what takes an address that Meta can call is skipped.');
  return failed;
}

async function run() {
  const env = Object.fromEntries(Object.keys(REQUIRED).map((name) => [name, process.env[name].trim()]));
  await step('Patchbay starts', () => eventually('the start', STARTS_WITHIN_MS, ready));
  await step('the gateway is made, and Meta takes its token', async () => {
    const metadata = { whatsapp_token: env.META_TOKEN, client_id: env.META_APP_ID, client_secret: env.META_APP_SECRET };
    const made = await call('POST', '/api/v1/gateways', { name: 'Smoke', uri: 'smoke', type: 'messenger', metadata });
    if (made.status !== 'ok') throw new Failure(`the gateway is ${made.status}: ${made.reason}`);
  });
  await step('setup finds the number', async () => {
    const accounts = await call('GET', '/chat/smoke?whatsapp=setup');
    const found = accounts.flatMap(({ phone_numbers }) => phone_numbers.map(({ id }) => id));
    if (!found.includes(env.META_NUMBER_ID)) {
      throw new Failure(`META_NUMBER_ID ${env.META_NUMBER_ID} is not among ${found.join(', ') || 'nothing'}`);
    }
  });
  await step('subscribe activates it', async () => {
    const [account] = await call('GET', `/chat/smoke?whatsapp=subscribe&id=${encodeURIComponent(env.META_NUMBER_ID)}`);
    if (account.error) throw new Failure(`${account.error.code}: ${account.error.message}`);
    if (account.warning) console.log(`[warn] ${account.warning}`);
  });
  const failed = await examine();
  await step(`the message is ${PUBLIC_URL ? 'delivered' : 'accepted'}`, async () => {
    const content = { type: 'template', name: META_TEMPLATE, language: META_TEMPLATE_LANGUAGE };
    const body = { gateway: 'smoke', account: env.META_NUMBER_ID, to: env.META_RECIPIENT, content };
    const { id } = await call('POST', '/api/v1/messages', body);
    const wanted = PUBLIC_URL ? /^(delivered|read)$/ : /^(accepted|sent|delivered|read)$/;
    await eventually('that', ARRIVES_WITHIN_MS, async () => {
      const { status, error, held } = await call('GET', `/api/v1/messages/${id}`);
      if (status === 'failed')
        throw new Failure(`${error.code}: ${error.detail} ${JSON.stringify(error.provider ?? {})}`);
      if (status === 'held') throw new Failure(`held: ${held.detail}`);
      return wanted.test(status);
    });
  });
  if (failed.length > 0) throw new Failure(`the doctor finds wrong: ${failed.join(', ')}`);
}

let exitCode = 0;
try {
  await run();
  console.log('All is well.');
} catch (error) {
  exitCode = 1;
  console.error(`[FAIL] ${error instanceof Failure ? error.message : error.stack}`);
} finally {
  if (child.exitCode === null) {
    await call('DELETE', '/api/v1/gateways/smoke?force=true').catch((error) => {
      if (exitCode === 0) console.error(`[warn] the subscription may be left at Meta: ${error.message}`);
    });
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
process.exitCode = exitCode;
