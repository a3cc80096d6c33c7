import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NestFactory } from '@nestjs/core';
import { Patchbay } from 'patchbay';
import { AppModule } from './app.module.js';
import { HOOK_SECRET, PigeonPost } from './pigeon-post.js';
import { ShopBot } from './shop.bot.js';

const KEY = 'a-key-of-this-test';

test('a customer asks by pigeon, and the bot answers', { timeout: 120_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'monolith-'));
  const post = await PigeonPost.start();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const app = await NestFactory.create(
    AppModule.forRoot({ publicUrl: url, dataSource: 'embedded', dataDir, adminApiKey: KEY }),
    { logger: ['warn', 'error'], abortOnError: false },
  );
  try {
    await app.listen(port, '127.0.0.1');
    const call = (method: string, path: string, body?: object): Promise<Response> =>
      fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${KEY}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });

    // The host goes on as before.
    assert.equal(await (await fetch(url)).text(), 'a shop');

    const metadata = { api_url: post.url, token: 'grain', hook_secret: HOOK_SECRET };
    const wrong = await call('POST', '/chat/api/v1/gateways', {
      name: 'Shop',
      uri: 'shop',
      type: 'pigeon',
      metadata: { ...metadata, token: 'seed' },
    });
    assert.equal(wrong.status, 422);
    assert.equal(((await wrong.json()) as { code: string }).code, 'pigeon.token.invalid');
    const bot = { type: 'in-process', events: ['message.received', 'message.delivered', 'message.failed'] };
    const made = await call('POST', '/chat/api/v1/gateways', {
      name: 'Shop',
      uri: 'shop',
      type: 'pigeon',
      metadata,
      bot,
    });
    assert.equal(made.status, 201, await made.clone().text());
    for (const operation of ['setup', 'subscribe'])
      assert.equal((await call('GET', `/chat/chat/shop?pigeon=${operation}`)).status, 200);

    assert.equal(await post.write('ann', 'hi', 'forged'), 401);
    assert.equal(await post.write('ann', 'hi'), 200);
    assert.deepEqual(await post.next(), { to: 'ann', text: 'Hello ann, which order is it about?' });
    await post.write('ann', 'it is 42');
    assert.deepEqual(await post.next(), { to: 'ann', text: 'Order 42 is on its way.' });

    // The host speaks first, too, and hears what became of it.
    const delivered = new Set<string>();
    const { news } = app.get(ShopBot);
    news.on('delivered', (id: string) => delivered.add(id));
    const content = { type: 'text', text: 'It is there.' } as const;
    const sent = await app.get(Patchbay).send({ gateway: 'shop', to: { userId: 'ann' }, content });
    assert.deepEqual(await post.next(), { to: 'ann', text: 'It is there.' });
    while (!delivered.has(sent.id)) await once(news, 'delivered');

    const tooLong = app
      .get(Patchbay)
      .send({ gateway: 'shop', to: { userId: 'ann' }, content: { type: 'text', text: 'x'.repeat(281) } });
    await assert.rejects(tooLong, { status: 422, code: 'content.too_long' });
  } finally {
    await app.close();
    await post.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
