import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { BotEvent } from '../support/bot.js';
import { png, voiceNote } from '../support/files.js';
import { eventually } from '../support/patchbay.js';
import { type ProblemView, Scene } from '../support/scene.js';

interface Media {
  readonly id: string;
  readonly url: string;
  readonly state: string;
  readonly mimeType?: string;
  readonly sha256?: string;
  readonly filename?: string;
  readonly size?: number;
  readonly providerId?: string;
  readonly error?: { readonly code: string; readonly detail: string; readonly retryAt?: string };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function mediaOf(holder: { content?: unknown } | undefined): Media {
  const { content } = holder ?? {};
  return (content as { media: Media }).media;
}

describe('files that customers send', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterEach(() => scene.stage.sim.faults.clear());
  afterAll(() => scene.close());

  /** The file of the bot's event, as the message shows it once `fits`. */
  async function shown(event: BotEvent, fits: (media: Media) => boolean): Promise<Media> {
    return eventually('the state of the file', async () => {
      const media = mediaOf(await scene.message(event.message?.id ?? ''));
      return fits(media) && media;
    });
  }

  const ready = (event: BotEvent) => shown(event, ({ state }) => state === 'ready');

  it('an image reaches the bot at once, and its link serves the very bytes', async () => {
    const bytes = png();
    const file = scene.stage.sim.addMedia(bytes, 'image/jpeg');
    const event = await scene.write(scene.customer(), { type: 'image', image: { ...file.reference, caption: 'Look' } });
    const told = mediaOf(event.message);
    expect(told).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      providerId: file.id,
      sha256: sha256(bytes),
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/media\/[0-9a-f-]{36}\?exp=\d+&sig=[\w-]{43}$/),
      state: 'pending',
    });
    expect(event.message?.text).toBe('Look');
    const media = await ready(event);
    expect(media).toMatchObject({ id: told.id, size: bytes.length, mimeType: 'image/png' });
    const response = await fetch(told.url);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': 'inline',
      'content-length': String(bytes.length),
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
    });
    const part = await fetch(told.url, { headers: { range: 'bytes=1-3' } });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      'PNG',
      `bytes 1-3/${bytes.length}`,
    ]);
    expect((await fetch(told.url, { method: 'HEAD' })).headers.get('content-length')).toBe(String(bytes.length));
    const stored = join(scene.stage.patchbay.dataDir, 'media', sha256(bytes).slice(0, 2), sha256(bytes));
    expect((await stat(stored)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(scene.stage.patchbay.dataDir, 'media', 'incoming'))).toEqual([]);
  });

  it('a voice note keeps its codec, and shows in the dialog', async () => {
    const bytes = voiceNote();
    const { reference } = scene.stage.sim.addMedia(bytes, 'audio/ogg; codecs=opus');
    const event = await scene.write(scene.customer(), { type: 'audio', audio: { ...reference, voice: true } });
    await ready(event);
    const { body } = await scene.stage.patchbay.call<{ items: { content: object }[] }>(
      'GET',
      `/dialogs/${event.dialog.id}/messages`,
    );
    expect(body.items[0]?.content).toMatchObject({
      type: 'audio',
      voice: true,
      media: { state: 'ready', mimeType: 'audio/ogg; codecs=opus', size: bytes.length },
    });
    const response = await fetch(mediaOf(body.items[0]).url);
    expect(response.headers.get('content-type')).toBe('audio/ogg; codecs=opus');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });

  it('does not let the bot wait for a slow download, and says to come back', async () => {
    const { sim } = scene.stage;
    sim.faults.add({ match: { pathPattern: '^/_media/', times: 1 }, do: { delayMs: 3_000 } });
    const { reference } = sim.addMedia(png(), 'image/png');
    const event = await scene.write(scene.customer(), { type: 'image', image: reference });
    const { url } = mediaOf(event.message);
    const early = await fetch(url);
    expect(early.status).toBe(425);
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await early.json()) as ProblemView).toMatchObject({ code: 'media.pending', status: 425 });
    await ready(event);
    expect((await fetch(url)).status).toBe(200);
  });

  it('asks by the id when the address of the webhook is over', async () => {
    const { sim } = scene.stage;
    const bytes = png();
    const { reference } = sim.addMedia(bytes, 'image/png');
    sim.advance(6 * 60_000);
    const event = await scene.write(scene.customer(), { type: 'image', image: reference });
    await ready(event);
    expect(Buffer.from(await (await fetch(mediaOf(event.message).url)).arrayBuffer())).toEqual(bytes);
    expect(sim.requests.filter(({ path }) => path === `/${String(reference['id'])}`)).toHaveLength(1);
  });

  it('asks by the id when the webhook names somebody else’s host: no token goes there', async () => {
    let asked = 0;
    const stranger = createServer((_request, response) => {
      asked += 1;
      response.end('not the file');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const { reference } = scene.stage.sim.addMedia(png(), 'image/png');
    const image = { ...reference, url: `http://127.0.0.1:${port}/steal` };
    const event = await scene.write(scene.customer(), { type: 'image', image });
    await ready(event);
    stranger.close();
    expect(asked).toBe(0);
  });

  it('what is not what the hash says is a failure that everybody sees, and is fetched again', async () => {
    const { sim } = scene.stage;
    const bytes = png();
    // by the address and by the id: both damaged once
    const { reference } = sim.addMedia(bytes, 'image/png', { corruptTimes: 2 });
    const event = await scene.write(scene.customer(), { type: 'image', image: reference });
    const failed = await shown(event, ({ state }) => state === 'failed');
    expect(failed.error).toMatchObject({ code: 'media.hash_mismatch', retryAt: expect.any(String) });
    const early = await fetch(failed.url);
    expect(early.status).toBe(425);
    await ready(event);
    expect(Buffer.from(await (await fetch(failed.url)).arrayBuffer())).toEqual(bytes);
  });

  it('what the network no longer has is a failure, and the message is there all the same', async () => {
    const { sim } = scene.stage;
    const { reference, id } = sim.addMedia(png(), 'image/png');
    sim.forgetMedia(id);
    const event = await scene.write(scene.customer(), { type: 'image', image: { ...reference, caption: 'Gone' } });
    expect(event.message?.text).toBe('Gone');
    const failed = await shown(event, ({ state }) => state === 'failed');
    expect(failed.error).toMatchObject({ code: 'media.gone', detail: expect.stringContaining('100') });
  });

  it('takes names for nothing but names', async () => {
    const { reference } = scene.stage.sim.addMedia(Buffer.from('<script>alert(1)</script>'), 'text/html');
    const document = { ...reference, filename: '../../../etc/cron.d/evil"\r\n.html' };
    const event = await scene.write(scene.customer(), { type: 'document', document });
    expect(mediaOf(event.message).filename).toBe('evil.html');
    const { url } = await ready(event);
    const response = await fetch(url);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': expect.stringMatching(/^text\/plain/),
      'content-disposition': `attachment; filename="evil.html"; filename*=UTF-8''evil.html`,
    });
  });

  it('opens a file to nobody without a good link', async () => {
    const { reference } = scene.stage.sim.addMedia(png(), 'image/png');
    const event = await scene.write(scene.customer(), { type: 'image', image: reference });
    const { id, url } = await ready(event);
    const link = new URL(url);
    const ask = async (change: (link: URL) => void): Promise<unknown[]> => {
      const changed = new URL(link);
      change(changed);
      const response = await fetch(changed);
      return [response.status, ((await response.json()) as ProblemView).code];
    };
    const forged = [403, 'media.link.forged'];
    expect(await ask(({ searchParams }) => searchParams.set('exp', '99999999999'))).toEqual(forged);
    expect(await ask(({ searchParams }) => searchParams.delete('sig'))).toEqual(forged);
    expect(
      await ask((changed) => (changed.pathname = changed.pathname.replace(/.$/, (last) => (last === '0' ? '1' : '0')))),
    ).toEqual(forged);
    expect(await ask((changed) => (changed.pathname = '/media/..%2f..%2fadmin.key'))).toEqual(forged);
    const own = await scene.stage.patchbay.call('GET', `/media/${id}`);
    expect(own.body).toMatchObject({ id, state: 'ready', mimeType: 'image/png' });
    expect((await scene.stage.patchbay.call('GET', `/media/${id}`, { key: null })).status).toBe(401);
  });
});
