/**
 * One message in and one out, over HTTP only, against a running Patchbay and a running simulator:
 *
 *   PATCHBAY_URL=http://127.0.0.1:3000 SIMULATOR_URL=http://127.0.0.1:4010 ADMIN_API_KEY=… node scripts/smoke.mjs
 *
 * The simulator must send its webhooks to PATCHBAY_URL/chat/smoke (SIMULATOR_WEBHOOK_URL).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const { PATCHBAY_URL, SIMULATOR_URL, ADMIN_API_KEY } = process.env;
const WITHIN_MS = 30_000;
const CUSTOMER = '16505551234';
// the world that the simulator has by itself
const WORLD = {
  appId: '1234567890',
  appSecret: 'simulator-app-secret',
  token: 'EAASimulatorToken',
  verifyToken: 'simulator-verify-token',
  wabaId: '102290129340398',
  phoneNumberId: '106540352242922',
  number: '15550783881',
};

async function call(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: {
      ...(url.startsWith(PATCHBAY_URL) && { authorization: `Bearer ${ADMIN_API_KEY}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${url} answered ${response.status}: ${text.slice(0, 2_000)}`);
  return JSON.parse(text);
}

async function step(name, action) {
  const result = await action();
  console.log(`  ok  ${name}`);
  return result;
}

async function eventually(what, find) {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < deadline, `${what} did not happen within ${WITHIN_MS / 1_000} s`);
    await sleep(100);
  }
}

/** Answers every message with the same words, and remembers the events. */
async function startBot() {
  const events = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    events.push(event);
    const replies =
      event.type === 'message.received' ? [{ type: 'text', text: `You said: ${event.message.text}` }] : [];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ replies }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { events, server, url: `http://127.0.0.1:${server.address().port}/` };
}

assert.ok(PATCHBAY_URL && SIMULATOR_URL && ADMIN_API_KEY, 'set PATCHBAY_URL, SIMULATOR_URL and ADMIN_API_KEY');
const bot = await startBot();
try {
  const gateway = await step('a gateway is created', () =>
    call('POST', `${PATCHBAY_URL}/api/v1/gateways`, {
      name: 'Smoke',
      uri: 'smoke',
      type: 'messenger',
      enabled: true,
      metadata: {
        whatsapp_token: WORLD.token,
        client_id: WORLD.appId,
        client_secret: WORLD.appSecret,
        verify_token: WORLD.verifyToken,
        graph_url: SIMULATOR_URL,
      },
      bot: { type: 'webhook', url: bot.url },
    }),
  );
  const callback = `${PATCHBAY_URL}/chat/smoke`;
  assert.equal(gateway.callbackUri, callback);

  await step('?whatsapp=setup finds the account', async () => {
    const accounts = await call('GET', `${callback}?whatsapp=setup`);
    assert.deepEqual(
      accounts.map(({ id, phone_numbers }) => [id, phone_numbers.map((number) => number.id)]),
      [[WORLD.wabaId, [WORLD.phoneNumberId]]],
    );
  });
  await step('?whatsapp=subscribe activates its number', async () => {
    const [account] = await call('GET', `${callback}?whatsapp=subscribe`);
    assert.ok(account.subscribed_fields.includes('messages'), JSON.stringify(account));
    assert.equal(account.phone_numbers[0].active, true);
  });
  await step('a customer writes, and the bot hears it with the variables of the dialog', async () => {
    await call('POST', `${SIMULATOR_URL}/_sim/customers/${CUSTOMER}/messages`, { message: 'Hello' });
    const event = await eventually('message.received', () =>
      bot.events.find(({ type }) => type === 'message.received'),
    );
    assert.equal(event.message.text, 'Hello');
    assert.equal(event.variables['whatsapp.business'], WORLD.wabaId);
    assert.equal(event.variables['whatsapp.account'], WORLD.phoneNumberId);
    assert.equal(event.variables['whatsapp.number'], WORLD.number);
  });
  await step('the customer receives the reply', async () => {
    const received = await call(
      'GET',
      `${SIMULATOR_URL}/_sim/customers/${CUSTOMER}/received?count=1&waitMs=${WITHIN_MS / 2}`,
    );
    assert.equal(received.length, 1, JSON.stringify(received));
    assert.match(JSON.stringify(received[0]), /You said: Hello/);
  });
  await step('the reply is delivered', () =>
    eventually('delivered', async () => {
      const { items } = await call('GET', `${PATCHBAY_URL}/api/v1/messages?gateway=smoke`);
      return items.find(({ status, content }) => status === 'delivered' && content.text === 'You said: Hello');
    }),
  );
  assert.equal(bot.events.filter(({ type }) => type === 'message.received').length, 1, 'the bot heard it once');
} finally {
  bot.server.close();
  bot.server.closeAllConnections();
}
