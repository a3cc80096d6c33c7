import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '../platform/config/environment.js';
import { readConfig } from '../platform/config/read-config.js';
import { createLog } from '../platform/logging/log.js';
import { runUntilSignal } from '../run-until-signal.js';
import { startServer } from '../server.js';
import { DEFAULT_WORLD, startSimulator } from '../simulator/simulator.js';
import { startEchoBot } from './echo-bot.js';

/** `npm run demo`: Patchbay, a simulated Meta and an echo bot, so that a newcomer sees a message go in and its answer come out. */
const CUSTOMER = '16505551234';
const URI = 'demo';

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

await runUntilSignal(async () => {
  const env = environment();
  const config = readConfig(
    {
      DATA_DIR: './data/demo',
      LOG_LEVEL: 'warn',
      ...env,
      DATABASE_URL: undefined,
      REDIS_URL: undefined,
      ALLOW_PRIVATE_URLS: 'true',
    },
    process.stdout.isTTY,
  );
  const simulator = await startSimulator({
    port: Number(env['SIMULATOR_PORT'] ?? 0),
    webhookUrl: `http://127.0.0.1:${config.port}/chat/${URI}`,
    statuses: { readMs: 50 },
  });
  const log = createLog(config);
  const server = await startServer({ ...config, graphUrl: simulator.url }, log);
  const bot = await startEchoBot((text, variables) => {
    say(
      `  bot        hears "${text}" on ${variables['whatsapp.number']} from ${variables['from']} (${variables['user']})`,
    );
  });
  const key = config.adminApiKey ?? (await readFile(join(config.dataDir, 'admin.key'), 'utf8')).trim();
  const call = async (method: string, path: string, body?: object): Promise<Response> =>
    fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const required = async (method: string, path: string, body?: object): Promise<void> => {
    const response = await call(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  };

  const settings = {
    metadata: {
      whatsapp_token: DEFAULT_WORLD.token,
      client_id: DEFAULT_WORLD.appId,
      client_secret: DEFAULT_WORLD.appSecret,
      verify_token: DEFAULT_WORLD.verifyToken,
    },
    bot: { type: 'webhook', url: bot.url },
  };
  const exists = (await call('GET', '/api/v1/gateways/demo')).ok;
  if (exists) await required('PATCH', '/api/v1/gateways/demo', settings);
  else await required('POST', '/api/v1/gateways', { name: 'Demo', uri: URI, type: 'messenger', ...settings });
  await required('GET', `/chat/${URI}?whatsapp=setup`);
  await required('GET', `/chat/${URI}?whatsapp=subscribe`);

  say();
  say(
    `Patchbay runs on ${server.url}, with a simulated Meta on ${simulator.url} and an echo bot. Watch a message go in and its answer come out:`,
  );
  say();
  const customer = simulator.customer(CUSTOMER, { name: 'Sheena' });
  say('  customer   writes "Hello, Patchbay!"');
  customer.write(DEFAULT_WORLD.phoneNumberId, 'Hello, Patchbay!');
  const reply = await customer.nextMessage(undefined, 30_000);
  say(`  customer   receives "${reply.text}"`);
  say();
  say('Go on from here (in another terminal):');
  say();
  say(`  export KEY=${key}`);
  say('  # write as the customer');
  say(
    `  curl -s ${simulator.url}/_sim/customers/${CUSTOMER}/messages -H 'content-type: application/json' -d '{"number":"${DEFAULT_WORLD.phoneNumberId}","message":"What can you do?"}'`,
  );
  say('  # send to the customer, and see what became of it');
  say(
    `  curl -s ${server.url}/api/v1/messages -H "authorization: Bearer $KEY" -H 'content-type: application/json' -d '{"gateway":"${URI}","to":"+${CUSTOMER}","content":{"type":"text","text":"Hello from the API"}}'`,
  );
  say(`  curl -s ${server.url}/api/v1/messages?limit=5 -H "authorization: Bearer $KEY"`);
  say();
  say(`  The API, to read and to try: ${server.url}/api/docs`);
  say('  With a real number: docs/whatsapp-setup.md');
  say();
  say('Ctrl-C ends it. Its data stay in ' + config.dataDir + '.');
  return {
    server: {
      ...server,
      stop: async () => {
        await server.stop();
        await simulator.close();
        bot.close();
      },
    },
    log,
  };
});
