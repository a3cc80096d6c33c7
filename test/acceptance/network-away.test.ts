import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { type ClockedApp, startClockedApp } from '../support/clocked-app.js';
import { eventually, freePort } from '../support/patchbay.js';
import type { ListView, MessageView } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

const MESSAGES = 100;
const AWAY = 'cannot be reached';

/** The way to the network, which can be taken away: then connections are refused. */
class Way {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(
    readonly port: number,
    private readonly to: number,
  ) {}

  async open(): Promise<void> {
    const server = createServer((socket) => {
      const far = connect(this.to, '127.0.0.1');
      for (const one of [socket, far]) {
        this.sockets.add(one);
        one
          .on('error', () => undefined)
          .on('close', () => {
            this.sockets.delete(one);
            socket.destroy();
            far.destroy();
          });
      }
      socket.pipe(far).pipe(socket);
    });
    this.server = server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  async close(): Promise<void> {
    const { server } = this;
    if (!server?.listening) return;
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(server, 'close');
  }
}

describe('a network that refuses connections', () => {
  let sim: Simulator;
  let app: ClockedApp;
  let way: Way;

  beforeAll(async () => {
    const port = await freePort();
    sim = await startSimulator({ seed: 1, webhookUrl: `http://127.0.0.1:${port}/chat/acme` });
    sim.world.merge({
      wabas: [{ id: WORLD.wabaId, templates: [{ name: 'notice', components: [{ type: 'BODY', text: 'It is so' }] }] }],
    });
    way = new Way(await freePort(), Number(new URL(sim.url).port));
    await way.open();
    app = await startClockedApp(port, { GRAPH_URL: `http://127.0.0.1:${way.port}` });
    const metadata = { whatsapp_token: WORLD.token, client_id: WORLD.appId, client_secret: WORLD.appSecret };
    await app.call('POST', '/gateways', { name: 'Acme', uri: 'acme', type: 'messenger', metadata });
    for (const operation of ['setup', 'subscribe']) await app.call('GET', `//chat/acme?whatsapp=${operation}`);
  }, 180_000);

  afterAll(async () => {
    await app.stop();
    await way.close();
    await sim.close();
  });

  const messages = async (): Promise<readonly MessageView[]> =>
    (await app.call<ListView<MessageView>>('GET', '/messages?gateway=acme&limit=100')).body.items;

  it('is asked by single messages at growing intervals, and everything goes when it is back, once', async () => {
    await way.close();
    const batch = Array.from({ length: MESSAGES }, (_, index) => ({
      gateway: 'acme',
      to: `+1650559${String(index).padStart(4, '0')}`,
      content: { type: 'template', name: 'notice', language: 'en_US' },
    }));
    expect((await app.call('POST', '/messages/batch', { messages: batch })).status).toBe(202);
    // By then the circuit breaker has been opened, and has found nobody three times or more.
    await eventually(
      'long intervals',
      async () => {
        const waits = (await messages()).flatMap(({ held }) =>
          held?.reason === 'account' && held.detail.includes(AWAY) ? [Date.parse(held.until ?? '') - Date.now()] : [],
        );
        return Math.max(0, ...waits) > 4_000;
      },
      120_000,
    );
    const open = await messages();
    expect(open.filter(({ status }) => status !== 'held' && status !== 'queued')).toEqual([]);
    const tried = open.map(({ attempts }) => attempts.length).reduce((a, b) => a + b, 0);
    expect(tried).toBeLessThan(MESSAGES);
    expect(sim.sent).toHaveLength(0);

    await way.open();
    await sim.until(() => sim.sent.length >= MESSAGES, 90_000);
    await eventually('that all are accepted', async () =>
      (await messages()).every(({ status }) => ['accepted', 'sent', 'delivered', 'read'].includes(status)),
    );
    expect(new Set(sim.sent.map(({ phone }) => phone)).size).toBe(sim.sent.length);
    expect(await app.database.query('SELECT code FROM class_hold')).toEqual([]);
  }, 240_000);
});
