import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { type MessageView, type ProblemView, Scene } from '../support/scene.js';

const text = (words: string): object => ({ type: 'text', text: words });
const TEMPLATE = { type: 'template', name: 'follow_up', language: 'en_US', params: { body: ['Ann'] } };

interface BatchView {
  readonly items: readonly {
    readonly index: number;
    readonly id?: string;
    readonly status?: string;
    readonly error?: ProblemView & { readonly errors?: readonly { path: string; code: string }[] };
  }[];
}

describe('POST /messages/batch', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(() => scene.close());

  const item = (to: string, more: object = {}): object => ({
    gateway: scene.stage.uri,
    to,
    content: TEMPLATE,
    ...more,
  });
  const batch = <T = BatchView>(messages: readonly unknown[], headers: Record<string, string> = {}) =>
    scene.stage.patchbay.call<T>('POST', '/messages/batch', { body: { messages }, headers });
  const lines = <T = BatchView>(body: string | Uint8Array, headers: Record<string, string> = {}) =>
    scene.stage.patchbay.call<T>('POST', '/messages/batch', {
      body,
      headers: { 'content-type': 'application/x-ndjson', ...headers },
    });
  const phone = (): string => `+${scene.newPhone()}`;
  /** What an item was answered: its id, or the code of its refusal. */
  const outcomes = ({ items }: BatchView): (string | undefined)[] => items.map(({ id, error }) => id ?? error?.code);
  const total = async (to: string): Promise<number> =>
    (await scene.get<{ items: MessageView[] }>(`/messages?to=${encodeURIComponent(to)}&limit=100`)).body.items.length;

  it('takes each message on its own, answers in order, and a bad one fails no other', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const to = `+${customer.phone}`;
    const { status, body } = await batch([
      item(to, { content: text('first'), metadata: { n: 1 } }),
      item('16505550001'),
      item(to, { content: text('second') }),
      item(to, { gateway: 'nobody' }),
      item(to, { colour: 'red' }),
      'no object',
      item(to, { content: text('x'.repeat(4_097)) }),
      item(to, { replyTo: '01920000-0000-7000-8000-000000000000' }),
      item(to, { content: text('third') }),
    ]);
    expect(status).toBe(202);
    expect(body.items.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(body.items.map(({ id, error }) => (id === undefined ? [error?.status, error?.code] : 'taken'))).toEqual([
      'taken',
      [400, 'to.malformed'],
      'taken',
      [422, 'gateway.unknown'],
      [400, 'validation.failed'],
      [400, 'body.malformed'],
      [422, 'content.too_long'],
      [422, 'message.unknown'],
      'taken',
    ]);
    expect(body.items[0]).toMatchObject({ status: 'queued' });
    expect(body.items[4]?.error?.errors).toMatchObject([{ path: 'colour', code: 'field.unknown' }]);
    const heard = [await customer.nextMessage(), await customer.nextMessage(), await customer.nextMessage()];
    expect(heard.map((message) => message.text)).toEqual(['first', 'second', 'third']);
    const first = await scene.until(body.items[0]?.id ?? '', 'delivered');
    expect(first).toMatchObject({ class: 'utility', metadata: { n: 1 } });
  });

  it('refuses what POST /messages refuses, with the same problem', async () => {
    const bad = [
      { replyTo: 7 },
      { to: {} },
      { content: { type: 'text' } },
      { expiresAt: 'tomorrow' },
      { expiresAt: '2020-01-01T00:00:00Z' },
      { account: '1' },
      { channel: 'smoke' },
      { to: { dialog: '01920000-0000-7000-8000-000000000000' } },
      { to: { contact: '01920000-0000-7000-8000-000000000000' } },
      { deliverWithin: 0 },
      { class: 'vip' },
      { class: 'authentication' },
      { content: text('a\u0000b') },
    ].map((more) => item(phone(), more));
    const { body } = await batch(bad);
    const single = await Promise.all(bad.map((one) => scene.post<ProblemView>(one)));
    expect(body.items.map(({ error }) => error)).toEqual(single.map((answer) => answer.body));
  });

  it('reads NDJSON line by line: a line that is no JSON is that line’s error', async () => {
    const to = phone();
    const { status, body } = await lines(
      `${JSON.stringify(item(to))}\n{"gateway":\r\n\n  \n${JSON.stringify(item(to))}\n`,
    );
    expect(status).toBe(202);
    expect(outcomes(body)).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), 'body.malformed', expect.any(String)]);
    expect(await total(to)).toBe(2);
    const zipped = await lines(gzipSync(JSON.stringify(item(to))), { 'content-encoding': 'gzip' });
    expect(zipped).toMatchObject({ status: 202, body: { items: [{ index: 0, status: 'queued' }] } });
  });

  it.each([
    ['JSON that is none', '{"messages":[', 'application/json', 400, 'body.malformed'],
    ['another shape', '[]', 'application/json', 400, 'validation.failed'],
    ['a field beside messages', '{"messages":[],"colour":"red"}', 'application/json', 400, 'validation.failed'],
    ['another type', 'a,b', 'text/csv', 415, 'body.unsupported'],
    ['10,001 messages', `{"messages":[${'1,'.repeat(10_000)}1]}`, 'application/json', 413, 'batch.too_large'],
    ['10,001 lines', '1\n'.repeat(10_001), 'application/x-ndjson', 413, 'batch.too_large'],
    ['more than 16 MiB', `"${'x'.repeat(16 * 1024 * 1024)}"`, 'application/json', 413, 'body.too_large'],
  ])('refuses %s as a whole', async (_name, body, type, status, code) => {
    const answer = await lines<ProblemView>(body, { 'content-type': type });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('takes bodies that are larger than those of any other route', async () => {
    const messages = Array.from({ length: 40 }, () => item('nobody', { metadata: { filler: 'x'.repeat(50_000) } }));
    const { status, body } = await batch(messages);
    expect(status).toBe(202);
    expect(new Set(outcomes(body))).toEqual(new Set(['validation.failed']));
    const other = await scene.post<ProblemView>({ to: phone(), content: text('x'.repeat(1024 * 1024)) });
    expect(other).toMatchObject({ status: 413, body: { code: 'body.too_large' } });
  });

  it('needs a key with messages:send', async () => {
    const call = (key: string | null) =>
      scene.stage.patchbay.call<ProblemView>('POST', '/messages/batch', { body: { messages: [] }, key });
    expect(await call(null)).toMatchObject({ status: 401 });
    const reader = await scene.stage.patchbay.call<{ key: string }>('POST', '/keys', {
      body: { name: 'reader', permissions: ['messages:read'] },
    });
    expect(await call(reader.body.key)).toMatchObject({ status: 403, body: { code: 'permission.missing' } });
  });

  it('takes an item with an idempotencyKey once, within a batch, across batches, and across POST /messages', async () => {
    const to = phone();
    const key = (name: string): string => `item-${to}-${name}`;
    const a = item(to, { idempotencyKey: key('a') });
    const first = await batch([a, a, { ...a, metadata: { other: 'body' } }]);
    const [id] = outcomes(first.body);
    expect(outcomes(first.body)).toEqual([id, id, 'idempotency.key.reused']);
    expect(outcomes((await batch([item(to, { idempotencyKey: key('b') }), a])).body)).toEqual([expect.any(String), id]);
    const single = await scene.post(item(to), { 'idempotency-key': key('a') });
    expect(single).toMatchObject({ status: 202, body: { id, content: TEMPLATE, dialog: expect.any(String) } });
    const c = await scene.post(item(to), { 'idempotency-key': key('c') });
    expect(outcomes((await batch([item(to, { idempotencyKey: key('c') })])).body)).toEqual([c.body.id]);
    expect(outcomes((await batch([item(to, { idempotencyKey: 'bad\nkey' })])).body)).toEqual([
      'idempotency.key.malformed',
    ]);
    expect(await total(to)).toBe(3);
  });

  it('does not remember a refused item under its key', async () => {
    const to = phone();
    const idempotencyKey = `mended-${to}`;
    const refused = await batch([item(to, { idempotencyKey, class: 'authentication' })]);
    expect(outcomes(refused.body)).toEqual(['class.too_high']);
    const taken = await batch([item(to, { idempotencyKey })]);
    expect(outcomes(taken.body)).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });

  it('with an Idempotency-Key gives the same answer to the same batch, and 409 to another one', async () => {
    const to = phone();
    const key = { 'idempotency-key': `batch-${to}` };
    const messages = [item(to), item('nobody'), item(to, { content: { ...TEMPLATE, params: { body: ['Bob'] } } })];
    const first = await batch(messages, key);
    expect(outcomes(first.body)).toEqual([expect.any(String), 'to.malformed', expect.any(String)]);
    const second = await batch(messages, key);
    expect(second).toMatchObject({ status: 202, text: first.text });
    const other = await batch<ProblemView>([item(to)], key);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency.key.reused' } });
    expect(await total(to)).toBe(2);
  });

  it('takes 2,000 messages in one call, every person once, also those who come twice', async () => {
    const phones = Array.from({ length: 1_000 }, (_, index) => `+49301${String(1_000_000 + index)}`);
    const messages = [...phones, ...phones].map((to) => item(to));
    const { status, body } = await batch(messages);
    expect(status).toBe(202);
    expect(body.items.every(({ id }) => id !== undefined)).toBe(true);
    const dialogs = await Promise.all(
      [0, 1_000, 999, 1_999].map(async (place) => (await scene.message(body.items[place]?.id ?? '')).dialog),
    );
    expect(dialogs[0]).toBe(dialogs[1]);
    expect(dialogs[2]).toBe(dialogs[3]);
    expect(dialogs[0]).not.toBe(dialogs[2]);
  });
});
