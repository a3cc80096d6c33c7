import { afterEach, describe, expect, test } from '@jest/globals';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WORLD } from '../support/stage.js';
import { Host, PATH } from './support/host.js';
import { HostLog } from './support/host-log.js';
import { Hearing, makeBot } from './support/inbound.js';

const IN_PROCESS = { type: 'in-process' };

const hosts: Host[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

/** A host that has put something into its Express before Nest, and so before Patchbay, and what its log says. */
async function openBehind(inFront: (adapter: ExpressAdapter) => void) {
  const log = new HostLog();
  const bot = new Hearing();
  const adapter = new ExpressAdapter();
  inFront(adapter);
  const host = await Host.open({ adapter, logger: log, imports: [makeBot(bot, new Hearing())] });
  hosts.push(host);
  return { host, log, bot };
}

const using =
  (handler: RequestHandler) =>
  (adapter: ExpressAdapter): void =>
    void adapter.use(handler);
const parsing =
  (keepsBytes: boolean) =>
  (adapter: ExpressAdapter): void =>
    void adapter.useBodyParser('json', keepsBytes);
const errorsOf = (log: HostLog) => log.ofPatchbay.filter(({ level }) => level !== 'log');

describe('a host whose own Express reads what networks post before Patchbay does', () => {
  test('and does not keep the bytes: the log says so at the start, callbacks are refused, and nothing is taken in', async () => {
    const { host, log, bot } = await openBehind(parsing(false));
    // By the time that the host listens: it is no surprise of the first message.
    expect(errorsOf(log)).toEqual([
      {
        level: 'error',
        message: expect.stringMatching(/callbacks cannot be verified and are refused\. Create it with `rawBody: true`/),
        context: 'Patchbay',
      },
    ]);
    // All the rest goes on: the API takes a body that was parsed.
    await host.engage({ bot: IN_PROCESS });
    host.customer().write(WORLD.phoneNumberId, 'hi');
    // It is rightly signed; the network keeps it, and posts it again.
    await host.sim.until(() => host.sim.webhooks.length >= 2);
    expect(host.sim.webhooks.map(({ status }) => status)).toEqual(host.sim.webhooks.map(() => 500));
    const forged = await host.call('POST', `${PATH}/chat/acme`, { object: 'whatsapp_business_account', entry: [] });
    expect(forged).toMatchObject({ status: 500, body: { code: 'body.raw_missing' } });
    expect((await host.api('GET', '/dialogs')).body.items).toEqual([]);
    expect(bot.events).toEqual([]);
  });

  test('and keeps the bytes: there is nothing to say, and what networks post is taken in', async () => {
    const { host, log, bot } = await openBehind(parsing(true));
    expect(errorsOf(log)).toEqual([]);
    await host.engage({ bot: IN_PROCESS });
    host.customer().write(WORLD.phoneNumberId, 'hi');
    await bot.message('hi');
  });

  test.each<[string, RequestHandler, RegExp]>([
    ['answers them itself', (_request, response) => void response.status(403).end(), /networks cannot deliver/],
    ['lets them hang', () => undefined, /neither answers requests .* nor lets them through/],
  ])('and %s: the log says so at the start', async (_, handler, words) => {
    const { log } = await openBehind(using(handler));
    expect(errorsOf(log)).toEqual([{ level: 'error', message: expect.stringMatching(words), context: 'Patchbay' }]);
  });
});

test('a host that says who may use the API has no key made for it, and none in its log', async () => {
  const log = new HostLog();
  const host = await Host.open({ logger: log });
  hosts.push(host);
  await log.until('Patchbay runs in this application');
  expect(log.ofPatchbay.filter(({ message }) => message.includes('key'))).toEqual([]);
  expect(existsSync(join(host.patchbay.dataDir, 'admin.key'))).toBe(false);
});

/** All of Fastify that decides: what the adapter says it is. */
class FastifyByName extends ExpressAdapter {
  override getType(): string {
    return 'fastify';
  }
}

describe('a host on Fastify', () => {
  test('is refused before anything is opened, and is told what would do', async () => {
    const log = new HostLog();
    await expect(Host.open({ adapter: new FastifyByName(), logger: log })).rejects.toMatchObject({
      name: 'ConfigError',
      message:
        'PatchbayModule is not usable: given an application on fastify, allowed is one on Express (@nestjs/platform-express), or Patchbay in a process of its own.',
    });
    expect(log.ofPatchbay).toEqual([]);
  });

  test('may have a worker: that needs no HTTP', async () => {
    const host = await Host.open({ adapter: new FastifyByName(), patchbay: { roles: ['worker'] } });
    hosts.push(host);
    expect((await host.call('GET', `${PATH}/health/ready`)).status).toBe(404);
  });
});
