import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';
import { png } from '../support/files.js';
import { type Answer, eventually, freePort } from '../support/patchbay.js';
import { CustomScene } from '../support/custom-scene.js';
import type { OtherSide } from '../support/other-side.js';
import { type ProblemView, type Scene, statusesOf } from '../support/scene.js';

const now = (): string => new Date().toISOString();

describe('a custom channel', () => {
  let custom: CustomScene;
  let scene: Scene;
  let other: OtherSide;

  beforeAll(async () => {
    custom = await CustomScene.open();
    ({ scene, other } = custom);
  });

  afterAll(() => custom.close());

  const newPerson = (): string => custom.newPerson();
  const said = (...what: Parameters<CustomScene['said']>) => custom.said(...what);
  const tell = (...what: Parameters<CustomScene['tell']>) => custom.tell(...what);
  const hears = (...what: Parameters<CustomScene['hears']>) => custom.hears(...what);

  const post = (userId: string, content: object, more: object = {}) =>
    scene.post({ channel: 'custom', account: 'shop', to: { userId }, content, ...more });

  it('is listed with its settings and what it can show', async () => {
    const { body } = await scene.get<{
      items: { type: string; metadata: { name: string }[]; channels: { channel: string; capabilities: object }[] }[];
    }>('/gateway-types');
    const type = body.items.find((each) => each.type === 'custom');
    expect(type?.metadata.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['url', 'secret', 'accounts', 'api_url']),
    );
    expect(type?.channels).toMatchObject([
      { channel: 'custom', capabilities: { settles: 'attempt-reference', window: null } },
    ]);
  });

  it('has the five commands under its own name', async () => {
    const { patchbay, uri } = scene.stage;
    const command = async <T = object[]>(query: string): Promise<Answer<T>> => patchbay.command<T>(uri, query);
    expect((await command('custom=setup')).body).toMatchObject([
      {
        id: uri,
        subscribed: false,
        accounts: [
          { id: 'help', active: false },
          { id: 'shop', name: 'The shop', active: false },
        ],
      },
    ]);
    expect((await command('custom=subscribe&id=shop')).body).toMatchObject([{ id: uri, subscribed: true }]);
    await command('custom=subscribe');
    expect((await command('custom=unsubscribe&id=help')).body).toMatchObject([
      {
        accounts: [
          { id: 'help', active: false },
          { id: 'shop', active: true },
        ],
      },
    ]);
    expect((await command('custom=remove&id=help')).status).toBe(200);
    expect((await command('custom=')).body).toMatchObject([{ accounts: [{ id: 'shop', active: true }] }]);
    expect((await command<ProblemView>('whatsapp=setup')).body.code).toBe('callback.operation.unknown');
    await command('custom=setup');
    await command('custom=subscribe');
  });

  it('a message comes in, the bot answers, and statuses come back', async () => {
    const ann = newPerson();
    scene.answerTo({ userId: ann }, ({ event: { type, message } }) =>
      type === 'message.received'
        ? { body: { replies: [{ type: 'text', text: `Echo: ${message?.text}` }] } }
        : undefined,
    );
    const event = await hears(ann, 'hi');
    expect(event).toMatchObject({
      channel: 'custom',
      account: { id: 'shop', name: 'The shop' },
      contact: { userId: ann, name: 'Ann' },
      variables: { chat: 'custom', user: ann, from: 'Ann', 'custom.account': 'shop' },
    });
    const { envelope, headers, raw } = await eventually('that it is posted', async () => other.to(ann)[0]);
    expect(envelope).toMatchObject({
      type: 'message',
      gateway: scene.stage.uri,
      account: 'shop',
      content: { text: 'Echo: hi' },
    });
    expect(headers['idempotency-key']).toBe(envelope.attempt);
    expect(() => new Webhook(other.secret).verify(raw, headers as Record<string, string>)).not.toThrow();
    for (const status of ['sent', 'delivered', 'read']) {
      await tell({ type: 'status', account: 'shop', attempt: envelope.attempt, status, at: now() });
    }
    const told = await scene.stage.bot.waitFor(
      ({ type, contact }) => type === 'message.read' && contact.userId === ann,
    );
    const message = await scene.message(told.event.message?.id ?? '');
    expect(statusesOf(message)).toEqual(['queued', 'sending', 'accepted', 'sent', 'delivered', 'read']);
  });

  it.each<[string, object]>([
    ['an image', { type: 'image', media: { url: 'https://files.example/cat.png' }, caption: 'A cat' }],
    ['a place', { type: 'location', latitude: 50.45, longitude: 30.52, url: 'https://kyiv.example' }],
    [
      'buttons of every kind',
      {
        type: 'buttons',
        text: 'Yes?',
        buttons: [
          { type: 'reply', id: 'y', title: 'Yes' },
          { type: 'reply', id: 'n', title: 'No' },
        ],
      },
    ],
    ['a list', { type: 'list', text: 'Which?', button: 'Open', sections: [{ rows: [{ id: '1', title: 'One' }] }] }],
    ['a template', { type: 'template', name: 'order_ready', language: 'en', params: { body: ['42'] } }],
    ['its own payload', { type: 'native', channel: 'custom', payload: { anything: [1, { at: 'all' }] } }],
  ])('posts %s as it is', async (_, content) => {
    const ann = newPerson();
    await hears(ann, 'hi');
    const { status, body } = await post(ann, content);
    expect([status, body.notes]).toEqual([202, []]);
    const { envelope } = await eventually('that it is posted', async () => other.to(ann)[0]);
    expect(envelope.content).toEqual(content);
    expect((await scene.until(body.id, 'accepted')).providerId).toMatch(/^x-/);
  });

  it('tells the other side that a message was read, and that an answer is being written', async () => {
    const person = newPerson();
    const { dialog, message } = await hears(person, 'are you there?');
    for (const status of ['read', 'typing']) {
      const { status: answered, text } = await scene.stage.patchbay.call('POST', `/dialogs/${dialog?.id}/${status}`);
      expect([answered, text]).toEqual([200, expect.anything()]);
      const told = other.posted.filter(({ raw }) => raw.includes(`"status":"${status}"`));
      expect(told.length).toBe(1);
      const [{ raw, headers }] = told as [(typeof told)[0]];
      expect(new Webhook(other.secret).verify(raw, headers as Record<string, string>)).toEqual({
        type: 'status',
        status,
        id: message?.providerId,
        gateway: scene.stage.uri,
        account: 'shop',
        at: expect.any(String),
      });
    }
    const takes = other.answer;
    other.answer = () => ({ status: 400, body: { error: { code: 'content.invalid', message: 'no such message' } } });
    const refused = await scene.stage.patchbay.call<ProblemView>('POST', `/dialogs/${dialog?.id}/read`);
    other.answer = takes;
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.body.detail).toContain('no such message');
  });

  it('tells it by itself with auto_read, of what the bot has taken', async () => {
    const { patchbay, uri } = scene.stage;
    const setAutoRead = (auto_read: string) =>
      patchbay.call('PATCH', `/gateways/${uri}`, { body: { metadata: { auto_read } } });
    expect((await setAutoRead('on')).status).toBe(200);
    const { message } = await hears(newPerson(), 'and now?');
    await eventually('that the other side is told', async () =>
      other.posted.some(({ raw }) => raw.includes('"status":"read"') && raw.includes(`"${message?.providerId}"`)),
    );
    expect((await setAutoRead('off')).status).toBe(200);
  });

  it('posts a file of ours as a link, which serves it, within its own limits', async () => {
    const ann = newPerson();
    await hears(ann, 'hi');
    const { patchbay, uri } = scene.stage;
    const bytes = Buffer.concat([png(), randomBytes(600 * 1024)]);
    const options = { body: bytes, headers: { 'content-type': 'image/png' } };
    const file = await patchbay.call<{ id: string }>('POST', `/media?gateway=${uri}&type=sticker`, options);
    expect(file.status).toBe(201);
    await post(ann, { type: 'image', media: { id: file.body.id }, caption: 'Ours' });
    const { envelope } = await eventually('that it is posted', async () => other.to(ann)[0]);
    expect(envelope.content).toMatchObject({ type: 'image', caption: 'Ours', media: { url: expect.any(String) } });
    const { url } = envelope.content['media'] as { url: string };
    expect(bytes.equals(Buffer.from(await (await fetch(url)).arrayBuffer()))).toBe(true);
  });

  it('tells the bot of files, choices, and what it does not know', async () => {
    const ann = newPerson();
    const url = 'https://files.example/cat.png';
    const image = await hears(ann, '', { content: { type: 'image', media: { url, id: 'f7' } } });
    expect(image.message?.content).toEqual({ type: 'image', media: { url, providerId: 'f7' } });
    const choice = await hears(ann, '', { content: { type: 'choice', id: 'y', title: 'Yes' } });
    expect(choice.message).toMatchObject({ text: 'Yes', content: { type: 'choice', id: 'y' } });
    const poll = await hears(ann, '', { content: { type: 'poll', options: 3 } });
    expect(poll.message?.content).toMatchObject({ type: 'unsupported', providerType: 'poll' });
    const listed = await scene.attention<{ reason: string }>('unhandled');
    expect(listed.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('poll'));
  });

  it('refuses what is unsigned, forged, or replayed, and takes the same message once', async () => {
    const ann = newPerson();
    const message = said(ann, 'once');
    const code = async (answer: Promise<Answer<ProblemView>>) => [(await answer).status, (await answer).body.code];
    const changed = (headers: Record<string, string>) => (signed: ReturnType<OtherSide['sign']>) => ({
      ...signed,
      headers: { ...signed.headers, ...headers },
    });
    const unsigned = () => ({ body: JSON.stringify(message), headers: {} });
    expect(await code(tell(message, undefined, unsigned))).toEqual([401, 'webhook.signature.missing']);
    expect(await code(tell(message, undefined, changed({ 'webhook-id': 'other' })))).toEqual([
      401,
      'webhook.signature.invalid',
    ]);
    const old = new Date(Date.now() - 10 * 60_000);
    expect(await code(tell(message, old))).toEqual([401, 'webhook.timestamp.stale']);
    await tell(message);
    await tell({ events: [message, { type: 'message' }, said(ann, 'after it')] });
    await scene.stage.bot.waitFor(
      ({ contact, message: about }) => contact.userId === ann && about?.text === 'after it',
    );
    const heard = scene.stage.bot.events
      .filter(({ contact }) => contact.userId === ann)
      .map(({ message: about }) => about?.text);
    expect(heard.filter((text) => text === 'once')).toHaveLength(1);
    const listed = await scene.attention<{ path: string }>('unhandled');
    expect(listed.map(({ path }) => path)).toContain('events[1]');
  });

  it('tries again what was not taken, when it was asked to', async () => {
    const ann = newPerson();
    await hears(ann, 'hi');
    const answers = [{ status: 503, headers: { 'retry-after': '2' } }, { status: 500 }, { body: { id: `x-${ann}` } }];
    const tried: number[] = [];
    other.answer = ({ to }) => {
      if (to.userId !== ann) return {};
      tried.push(Date.now());
      return answers[tried.length - 1] ?? {};
    };
    const { body } = await post(ann, { type: 'text', text: 'again' });
    const message = await scene.until(body.id, 'accepted');
    expect(message.providerId).toBe(`x-${ann}`);
    expect(tried).toHaveLength(3);
    expect((tried[1] ?? 0) - (tried[0] ?? 0)).toBeGreaterThanOrEqual(1_900);
    expect(message.attempts.map(({ status }) => status)).toEqual(['refused', 'refused', 'accepted']);
    const ids = other.to(ann).map(({ envelope }) => envelope.attempt);
    expect(new Set(ids).size).toBe(3);
  });

  it('fails with the reason that the other side gives, at once or later', async () => {
    const ann = newPerson();
    await hears(ann, 'hi');
    other.answer = ({ content }) =>
      content.text === 'refuse'
        ? { status: 422, body: { error: { code: 'recipient.blocked', message: 'She left' } } }
        : {};
    const refused = await post(ann, { type: 'text', text: 'refuse' });
    const { error } = await scene.until(refused.body.id, 'failed');
    expect(error).toMatchObject({ code: 'recipient.blocked', detail: 'She left', retryable: false });
    const later = await post(ann, { type: 'text', text: 'later' });
    const { providerId } = await scene.until(later.body.id, 'accepted');
    await tell({
      type: 'status',
      account: 'shop',
      id: providerId,
      status: 'failed',
      at: now(),
      error: { code: 'recipient.unreachable' },
    });
    expect((await scene.until(later.body.id, 'failed')).error).toMatchObject({ code: 'recipient.unreachable' });
  });

  it('settles a doubt by a status that carries the attempt', async () => {
    const ann = newPerson();
    await hears(ann, 'hi');
    other.answer = ({ to }) => (to.userId === ann ? { drop: true } : {});
    const { body } = await post(ann, { type: 'text', text: 'is it there?' });
    expect((await scene.until(body.id, 'held')).held).toMatchObject({ reason: 'doubt' });
    const [first, ...more] = other.to(ann);
    expect(more).toEqual([]);
    const attempt = first?.envelope.attempt;
    await tell({ type: 'status', account: 'shop', id: 'x-after-all', attempt, status: 'delivered', at: now() });
    const message = await scene.until(body.id, 'delivered');
    expect(message).toMatchObject({ providerId: 'x-after-all', attempts: [{ status: 'accepted' }] });
    expect(other.to(ann)).toHaveLength(1);
    other.answer = () => ({});
  });

  it('closes the dialog that the other side ends, once, and no later one', async () => {
    const ann = newPerson();
    const { dialog } = await hears(ann, 'hi');
    const close = { type: 'close', account: 'shop', from: { userId: ann }, at: now() };
    await tell(close);
    const closed = () =>
      scene.stage.bot.events.filter(({ type, contact }) => type === 'dialog.closed' && contact.userId === ann);
    await scene.stage.bot.waitFor(({ type, dialog: about }) => type === 'dialog.closed' && about.id === dialog.id);
    const second = await hears(ann, 'me again');
    expect(second.dialog).toMatchObject({ isNew: true });
    expect(second.dialog.id).not.toBe(dialog.id);
    // told again, and about somebody whom nobody knows
    await tell({ events: [close, { ...close, from: 'nobody' }, said(ann, 'still here')] });
    const third = await scene.stage.bot.waitFor(({ message }) => message?.text === 'still here');
    expect(third.event.dialog.id).toBe(second.dialog.id);
    expect(closed()).toHaveLength(1);
    // what is said after the end, in the same request, opens another dialog
    await tell({ events: [{ ...close, at: now() }, said(ann, 'one more thing')] });
    const fourth = await scene.stage.bot.waitFor(({ message }) => message?.text === 'one more thing');
    expect(fourth.event.dialog).toMatchObject({ isNew: true });
    expect(closed().map((event) => event.dialog.id)).toEqual([dialog.id, second.dialog.id]);
  });

  it('shows no secret', async () => {
    const { patchbay } = scene.stage;
    const shown = await scene.get(`/gateways/${String(scene.gateway['id'])}`);
    expect(shown.text).not.toContain(other.secret);
    expect(patchbay.logLines.filter((line) => line.includes(other.secret))).toEqual([]);
  });

  describe('with the server of the docs', () => {
    let folder: string;
    let server: ChildProcess | undefined;
    const lines: string[] = [];
    let base: string;

    beforeAll(async () => {
      const page = await readFile('docs/custom-channel.md', 'utf8');
      const source = page.split('```js\n')[1]?.split('```')[0] ?? '';
      expect(source.trim().split('\n').length).toBeLessThanOrEqual(40);
      folder = await mkdtemp(join(tmpdir(), 'patchbay-example-'));
      const file = join(folder, 'server.mjs');
      await writeFile(file, source);
      const port = await freePort();
      base = `http://127.0.0.1:${port}`;
      const { patchbay, bot } = scene.stage;
      const body = {
        name: 'Example',
        uri: 'example',
        type: 'custom',
        metadata: { url: base },
        bot: { type: 'webhook', url: bot.url },
      };
      const created = await patchbay.call<{ callbackUri: string; metadata: { secret: string } }>('POST', '/gateways', {
        body,
      });
      const env = { SECRET: created.body.metadata.secret, CALLBACK: created.body.callbackUri, PORT: String(port) };
      server = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      if (server.stdout) createInterface(server.stdout).on('line', (line) => lines.push(line));
      await patchbay.command('example', 'custom=setup');
      await patchbay.command('example', 'custom=subscribe');
      await eventually('that the server listens', async () => lines.includes('listening'));
    });

    afterAll(async () => {
      server?.kill();
      if (server?.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    });

    it('a message comes in, the bot answers, and it is delivered', async () => {
      const bob = newPerson();
      scene.answerTo({ userId: bob }, () => ({ body: { replies: [{ type: 'text', text: 'Grüße, 世界' }] } }));
      await fetch(`${base}/say?from=${bob}&text=${encodeURIComponent('hi ✓')}`);
      const { event } = await scene.stage.bot.waitFor(({ contact }) => contact.userId === bob);
      expect(event).toMatchObject({ account: { id: 'example' }, message: { text: 'hi ✓' } });
      await eventually('that it is printed', async () => lines.includes(`${bob} gets Grüße, 世界`));
      await eventually('that it is delivered', async () => {
        const [answer] = (await scene.history(event.dialog.id)).toReversed();
        return answer?.direction === 'outbound' && answer.status === 'delivered';
      });
    });

    it('it refuses what is not signed', async () => {
      expect((await fetch(base, { method: 'POST', body: '{}' })).status).toBe(401);
    });
  });
});
