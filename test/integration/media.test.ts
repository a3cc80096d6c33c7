import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MediaRetention } from '../../src/media/media-retention.service.js';
import { DEFAULT_WORLD, type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { type ClockedApp, startClockedApp } from '../support/clocked-app.js';
import { type FakeS3, startFakeS3 } from '../support/fake-s3.js';
import { png } from '../support/files.js';
import { ADMIN_KEY, eventually, freePort } from '../support/patchbay.js';

const DAY_MS = 24 * 60 * 60_000;

interface Media {
  readonly id: string;
  readonly url: string;
  readonly state: string;
  readonly error?: { readonly code: string; readonly retryAt?: string };
}

interface Message {
  readonly id: string;
  readonly status: string;
  readonly content: { readonly media: Media };
}

describe('files, where they are kept in S3', () => {
  let s3: FakeS3;
  let sim: Simulator;
  let app: ClockedApp;
  let url: string;
  let phones = 0;
  const credentials = {
    AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID'],
    AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY'],
  };

  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    s3 = await startFakeS3();
    sim = await startSimulator({ webhookUrl: `${url}/chat/acme`, window: 'open' });
    app = await startClockedApp(port, {
      GRAPH_URL: sim.url,
      MEDIA_URL: `s3://files/chat?endpoint=${encodeURIComponent(s3.url)}`,
    });
    const { token, appId, appSecret, verifyToken } = DEFAULT_WORLD;
    const metadata = { whatsapp_token: token, client_id: appId, client_secret: appSecret, verify_token: verifyToken };
    const made = await app.call('POST', '/gateways', { name: 'Acme', uri: 'acme', type: 'messenger', metadata });
    expect(made.status).toBe(201);
    for (const command of ['setup', 'subscribe']) {
      expect((await app.call('GET', `//chat/acme?whatsapp=${command}`)).status).toBe(200);
    }
  });

  afterAll(async () => {
    await app.stop();
    await sim.close();
    await s3.close();
    for (const [name, value] of Object.entries(credentials)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  const keyOf = (bytes: Buffer): string => `/files/chat/${createHash('sha256').update(bytes).digest('hex')}`;

  function newPhone(): string {
    phones += 1;
    return `+1650555${2_000 + phones}`;
  }

  /** Time passes for us and for the network. */
  function pass(ms: number): void {
    sim.advance(ms);
    app.clock.advance(ms);
  }

  /** A customer's message once it is here and fits. */
  async function heard(wamid: string, fits: (message: Message) => boolean): Promise<Message> {
    return eventually('the message', async () => {
      const { body } = await app.call<{ items: Message[] }>('GET', `/messages?providerId=${encodeURIComponent(wamid)}`);
      const [message] = body.items;
      return message && fits(message) && message;
    });
  }

  /** A customer sends a file. */
  async function received(image: object, fits: (media: Media) => boolean): Promise<Message> {
    const wamid = sim.customer(newPhone()).write(DEFAULT_WORLD.phoneNumberId, { type: 'image', image });
    return heard(wamid, ({ content }) => fits(content.media));
  }

  async function media(id: string): Promise<Media> {
    return (await app.call<Media>('GET', `/media/${id}`)).body;
  }

  async function upload(bytes: Buffer): Promise<Media> {
    const response = await fetch(`${url}/api/v1/media`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'image/png' },
      body: bytes,
    });
    return (await response.json()) as Media;
  }

  it('customers’ files lie in the bucket, and are served from there', async () => {
    const bytes = png();
    const { content } = await received(sim.addMedia(bytes, 'image/png').reference, ({ state }) => state === 'ready');
    expect(s3.objects.get(keyOf(bytes))).toEqual({ bytes, type: 'image/png' });
    const response = await fetch(content.media.url, { headers: { range: 'bytes=1-3' } });
    expect([response.status, await response.text()]).toEqual([206, 'PNG']);
  });

  it('our own go from the bucket to the network', async () => {
    const bytes = png();
    const { id } = await upload(bytes);
    const to = newPhone();
    await app.call('POST', '/messages', { gateway: 'acme', to, content: { type: 'image', media: { id } } });
    const message = await sim.customer(to).nextMessage(undefined, 30_000);
    expect(sim.media((message.body['image'] as { id: string }).id)?.bytes).toEqual(bytes);
  });

  it('a file whose job was lost is found again', async () => {
    const bytes = png();
    const { id: provider } = sim.addMedia(bytes, 'image/png');
    const { content } = await received(sim.addMedia(png(), 'image/png').reference, ({ state }) => state === 'ready');
    const lost = content.media.id;
    // as it was before anybody had fetched it, and nobody is told
    await app.database.query(
      `UPDATE media_file SET state = 'pending', sha256 = NULL, told_sha256 = NULL, provider_id = $2, next_at = $3 WHERE id = $1`,
      [lost, provider, app.clock.now()],
    );
    await eventually('that it is here', async () => (await media(lost)).state === 'ready');
    expect(s3.objects.has(keyOf(bytes))).toBe(true);
  });

  it('one that nobody could fetch in seven days is given up, and says so', async () => {
    const { id, reference } = sim.addMedia(png(), 'image/png');
    sim.forgetMedia(id);
    const message = await received(reference, ({ state }) => state === 'failed');
    expect(message.content.media.error).toMatchObject({ code: 'media.gone', retryAt: expect.any(String) });
    pass(7 * DAY_MS);
    const given = await eventually('that it is given up', async () => {
      const now = await media(message.content.media.id);
      return now.error && now.error.retryAt === undefined && now;
    });
    expect(given).toMatchObject({ state: 'failed', error: { code: 'media.expired' } });
    const response = await fetch(given.url);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'media.failed']);
  });

  it('a link ends, and the message shows a new one', async () => {
    const { id, content } = await received(
      sim.addMedia(png(), 'image/png').reference,
      ({ state }) => state === 'ready',
    );
    expect((await fetch(content.media.url)).status).toBe(200);
    pass(DAY_MS + 1_000);
    const over = await fetch(content.media.url);
    expect([over.status, ((await over.json()) as { code: string }).code]).toEqual([403, 'media.link.expired']);
    const { body } = await app.call<Message>('GET', `/messages/${id}`);
    expect((await fetch(body.content.media.url)).status).toBe(200);
  });

  it('an upload that is over is made again', async () => {
    const bytes = png();
    const { id } = await upload(bytes);
    const content = { type: 'image', media: { id } };
    const send = async (): Promise<string> => {
      const to = newPhone();
      // opens the window, which the clock has closed
      await heard(sim.customer(to).write(DEFAULT_WORLD.phoneNumberId, 'hi'), () => true);
      await app.call('POST', '/messages', { gateway: 'acme', to, content });
      const message = await sim.customer(to).nextMessage(undefined, 30_000);
      return (message.body['image'] as { id: string }).id;
    };
    const first = await send();
    expect(await send()).toBe(first);
    pass(30 * DAY_MS);
    expect(await send()).not.toBe(first);
    // it was known beforehand, and not learnt from a refusal
    expect(sim.requests.filter(({ path, status }) => path.endsWith('/messages') && status !== 200)).toEqual([]);
  });

  it('go when they were kept for long enough, but not while another one has the same bytes', async () => {
    const bytes = png();
    const { content } = await received(sim.addMedia(bytes, 'image/png').reference, ({ state }) => state === 'ready');
    pass(200 * DAY_MS);
    const twin = await upload(bytes);
    pass(166 * DAY_MS);
    await app.get(MediaRetention).run();
    expect((await app.call('GET', `/media/${content.media.id}`)).status).toBe(404);
    expect(await media(twin.id)).toMatchObject({ state: 'ready' });
    expect(s3.objects.has(keyOf(bytes))).toBe(true);
    pass(200 * DAY_MS);
    await app.get(MediaRetention).run();
    expect((await app.call('GET', `/media/${twin.id}`)).status).toBe(404);
    expect(s3.objects.has(keyOf(bytes))).toBe(false);
  });
});
