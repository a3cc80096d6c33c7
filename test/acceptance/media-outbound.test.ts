import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { png, voiceNote } from '../support/files.js';
import { type Answer, eventually } from '../support/patchbay.js';
import { type MessageView, type ProblemView, Scene } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

interface Uploaded {
  readonly id: string;
  readonly mimeType: string;
  readonly size: number;
  readonly sha256: string;
  readonly filename?: string;
  readonly url: string;
  readonly code?: string;
}

describe('files that are sent', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({ simulator: { window: 'open' } });
  });

  afterEach(() => scene.stage.sim.faults.clear());
  afterAll(() => scene.close());

  async function upload(bytes: Buffer, type: string, query = ''): Promise<Answer<Uploaded>> {
    const options = { body: bytes, headers: { 'content-type': type } };
    return scene.stage.patchbay.call<Uploaded>('POST', `/media${query}`, options);
  }

  async function uploaded(bytes: Buffer, type: string, query = ''): Promise<Uploaded> {
    const { status, body, text } = await upload(bytes, type, query);
    if (status !== 201) throw new Error(text);
    return body;
  }

  /** What the customer got, with the bytes that its id leads to at the network. */
  async function received(
    phone: string,
    type: string,
  ): Promise<{ bytes: Buffer | undefined; part: Record<string, string> }> {
    const message = await scene.stage.sim.customer(phone).nextMessage((each) => each.type === type, 30_000);
    const part = message.body[type] as Record<string, string>;
    return { part, bytes: scene.stage.sim.media(part['id'] ?? '')?.bytes };
  }

  const uploadsAtMeta = () =>
    scene.stage.sim.requests.filter(
      ({ path, method }) => method === 'POST' && path === `/${WORLD.phoneNumberId}/media`,
    );

  it('go by our id: brought to the network once, however often they are sent', async () => {
    const bytes = png();
    const file = await uploaded(bytes, 'image/jpeg', '?filename=cat.png');
    expect(file).toMatchObject({
      id: expect.any(String),
      mimeType: 'image/png',
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      filename: 'cat.png',
    });
    expect(Buffer.from(await (await fetch(file.url)).arrayBuffer())).toEqual(bytes);
    const before = uploadsAtMeta().length;
    const [ann, bob] = [scene.newPhone(), scene.newPhone()];
    const content = { type: 'image', media: { id: file.id }, caption: 'A cat' };
    const first = await scene.post({ to: `+${ann}`, content });
    expect(first.status).toBe(202);
    expect(first.body.content).toMatchObject({ media: { id: file.id, url: expect.stringContaining('/media/') } });
    const got = await received(ann, 'image');
    expect(got).toMatchObject({ bytes, part: { caption: 'A cat' } });
    await scene.post({ to: `+${bob}`, content });
    expect((await received(bob, 'image')).part['id']).toBe(got.part['id']);
    expect(uploadsAtMeta()).toHaveLength(before + 1);
    // another file of ours with the same bytes is the same file at the network
    const twin = await uploaded(bytes, 'image/png');
    await scene.post({ to: `+${ann}`, content: { type: 'image', media: { id: twin.id } } });
    expect((await received(ann, 'image')).part['id']).toBe(got.part['id']);
    expect(uploadsAtMeta()).toHaveLength(before + 1);
  });

  it('keep their order: what comes after a file that is on its way waits for it', async () => {
    const { sim } = scene.stage;
    sim.faults.add({ match: { path: '/media', times: 1 }, do: { delayMs: 2_500 } });
    const file = await uploaded(png(), 'image/png');
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const to = `+${customer.phone}`;
    const slow = await scene.post({ to, content: { type: 'image', media: { id: file.id } } });
    await scene.post({ to, content: { type: 'text', text: 'after it' } });
    const held = await eventually('that it is held', async () => {
      const message = await scene.message(slow.body.id);
      return message.held && message;
    });
    expect(held.held).toMatchObject({ reason: 'retry', detail: expect.stringContaining('on its way to the network') });
    await customer.nextMessage(({ text }) => text === 'after it', 30_000);
    expect(customer.received.map(({ type }) => type)).toEqual(['image', 'text']);
  });

  it('are brought anew, once, when the network has forgotten them', async () => {
    const { sim } = scene.stage;
    const file = await uploaded(png(), 'image/png');
    const [ann, bob, cid] = [scene.newPhone(), scene.newPhone(), scene.newPhone()];
    const content = { type: 'image', media: { id: file.id } };
    await scene.post({ to: `+${ann}`, content });
    const first = await received(ann, 'image');
    sim.forgetMedia(first.part['id'] ?? '');
    const before = uploadsAtMeta().length;
    const again = await scene.post({ to: `+${bob}`, content });
    const second = await received(bob, 'image');
    expect(second.part['id']).not.toBe(first.part['id']);
    expect(uploadsAtMeta()).toHaveLength(before + 1);
    await scene.until(again.body.id, 'delivered');
    await scene.post({ to: `+${cid}`, content });
    expect((await received(cid, 'image')).part['id']).toBe(second.part['id']);
    expect(uploadsAtMeta()).toHaveLength(before + 1);
  });

  it('are tried again when the network does not take them for now', async () => {
    scene.stage.sim.faults.add({ match: { path: '/media', times: 2 }, do: { error: { code: 2 } } });
    const bytes = voiceNote();
    const file = await uploaded(bytes, 'audio/ogg; codecs=opus');
    const phone = scene.newPhone();
    await scene.post({ to: `+${phone}`, content: { type: 'audio', media: { id: file.id }, voice: true } });
    expect(await received(phone, 'audio')).toMatchObject({ bytes, part: { voice: true } });
  });

  it('fail with the network’s reason when it does not take them at all', async () => {
    scene.stage.sim.faults.add({
      match: { path: '/media', times: 1 },
      do: { error: { code: 100, message: 'no such kind' } },
    });
    const file = await uploaded(png(), 'image/png');
    const content = { type: 'image', media: { id: file.id } };
    const { body } = await scene.post({ to: `+${scene.newPhone()}`, content });
    const failed = await scene.until(body.id, 'failed');
    expect(failed.error).toMatchObject({ code: 'media.refused', detail: expect.stringContaining('no such kind') });
    // that was one message's fate, and not the file's
    const phone = scene.newPhone();
    await scene.post({ to: `+${phone}`, content });
    await received(phone, 'image');
  });

  it('come in a form too, and show their names with documents', async () => {
    const form = new FormData();
    form.set('note', 'not a file');
    form.set('file', new Blob(['a,b\n1,2\n'], { type: 'text/csv' }), 'zähler.csv');
    const { patchbay } = scene.stage;
    const response = await fetch(`${patchbay.url}/api/v1/media`, {
      method: 'POST',
      headers: { authorization: 'Bearer test-admin-key-0123456789' },
      body: form,
    });
    expect(response.status).toBe(201);
    const file = (await response.json()) as Uploaded;
    expect(file).toMatchObject({ mimeType: 'text/csv', filename: 'zähler.csv', size: 8 });
    const phone = scene.newPhone();
    await scene.post({ to: `+${phone}`, content: { type: 'document', media: { id: file.id } } });
    expect(await received(phone, 'document')).toMatchObject({
      bytes: Buffer.from('a,b\n1,2\n'),
      part: { filename: 'zähler.csv' },
    });
  });

  it('may be what a customer sent: a bot that repeats it sends the file back', async () => {
    const bytes = png();
    const { reference } = scene.stage.sim.addMedia(bytes, 'image/png');
    const customer = scene.customer();
    scene.answerTo(customer, ({ event }) =>
      event.message ? { body: { replies: [event.message.content] } } : undefined,
    );
    await scene.write(customer, { type: 'image', image: reference });
    const { bytes: back, part } = await received(customer.phone, 'image');
    expect(back).toEqual(bytes);
    expect(part['id']).not.toBe(reference['id']);
  });

  it('by a link go as the link', async () => {
    const phone = scene.newPhone();
    const url = 'https://files.example/cat.png';
    await scene.post({ to: `+${phone}`, content: { type: 'image', media: { url } } });
    expect((await received(phone, 'image')).part).toEqual({ link: url });
  });

  it.each([
    [
      'of a file that is not there',
      { type: 'image', media: { id: '01890a5d-ac96-774b-bcce-b302099a8057' } },
      'media.unknown',
    ],
  ])('are refused at once: %s', async (_name, content, code) => {
    const { status, body } = await scene.post<ProblemView>({ to: `+${scene.newPhone()}`, content });
    expect([status, body.code]).toEqual([422, code]);
  });

  it('are refused at once when they do not fit what they are sent as', async () => {
    const file = await uploaded(Buffer.from('just text'), 'text/plain');
    const wrong = await scene.post<ProblemView>({
      to: `+${scene.newPhone()}`,
      content: { type: 'image', media: { id: file.id } },
    });
    expect(wrong).toMatchObject({
      status: 422,
      body: { code: 'media.type', detail: expect.stringContaining('text/plain') },
    });
    const large = await uploaded(Buffer.concat([png(), Buffer.alloc(5 * 1024 * 1024)]), 'image/png');
    const { status, body } = await scene.post<ProblemView>({
      to: `+${scene.newPhone()}`,
      content: { type: 'image', media: { id: large.id } },
    });
    expect([status, body.code]).toEqual([422, 'media.too_large']);
  });

  it.each([
    ['too large for what it will be sent as', 413, 'media.too_large', Buffer.alloc(600 * 1024), '?type=sticker'],
    ['empty', 400, 'media.empty', Buffer.alloc(0), ''],
    ['for a gateway that is not there', 404, 'gateway.not_found', Buffer.from('x'), '?gateway=nobody'],
    ['with a wish that nobody knows', 400, 'validation.failed', Buffer.from('x'), '?colour=red'],
  ])('an upload is refused when it is %s', async (_name, status, code, bytes, query) => {
    expect(await upload(bytes, 'image/webp', query)).toMatchObject({ status, body: { code } });
  });

  it('an upload wants a key that may send', async () => {
    const { patchbay } = scene.stage;
    const made = await patchbay.call<{ key: string }>('POST', '/keys', {
      body: { name: 'reader', permissions: ['messages:read'] },
    });
    const options = { body: png(), headers: { 'content-type': 'image/png' } };
    expect((await patchbay.call('POST', '/media', { ...options, key: made.body.key })).status).toBe(403);
    expect((await patchbay.call('POST', '/media', { ...options, key: null })).status).toBe(401);
  });
});

describe('files where private addresses are refused', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open(
      { simulator: { window: 'open' }, env: { ALLOW_PRIVATE_URLS: 'false' } },
      { bot: { url: 'https://bot.invalid/' } },
    );
  });

  afterAll(() => scene.close());

  it.each([
    'http://127.0.0.1:9/x.png',
    'http://localhost/x.png',
    'http://[::1]/x.png',
    'http://169.254.169.254/latest',
  ])('a link to %s is not sent on', async (url) => {
    const { status, body } = await scene.post<ProblemView>({
      to: `+${scene.newPhone()}`,
      content: { type: 'image', media: { url } },
    });
    expect([status, body.code]).toEqual([422, 'media.url.private']);
  });

  it('a file that the network itself leads to a private address is not fetched from there', async () => {
    const { sim, patchbay } = scene.stage;
    const customer = scene.customer();
    const { reference } = sim.addMedia(png(), 'image/png', { redirect: `${patchbay.url}/health/live` });
    const wamid = customer.write(WORLD.phoneNumberId, { type: 'image', image: reference });
    const message = await eventually('that it failed', async () => {
      const { body } = await patchbay.call<{ items: MessageView[] }>(
        'GET',
        `/messages?providerId=${encodeURIComponent(wamid)}`,
      );
      const [found] = body.items;
      return (found?.content['media'] as { state?: string } | undefined)?.state === 'failed' && found;
    });
    expect(message.content['media']).toMatchObject({
      error: { code: 'media.refused', detail: expect.stringContaining('302') },
    });
  });
});
