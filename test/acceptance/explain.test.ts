import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { closeAtEnd, createDatabase } from '../support/database.js';
import { eventually } from '../support/patchbay.js';
import { untilQuiet } from '../support/quiet.js';
import { type ListView, type MessageView, type ProblemView, Scene, statusesOf } from '../support/scene.js';
import { WORLD, databaseEnvironment, gatewayBody } from '../support/stage.js';

interface Explained {
  readonly verdict: 'send' | 'hold' | 'fallback' | 'reject';
  readonly reasons: readonly { readonly code: string; readonly detail: string; readonly until?: string }[];
  readonly window: { readonly state: string; readonly expiresAt?: string } | null;
  readonly tier: Record<string, unknown> | null;
  readonly pace: Record<string, unknown> | null;
  readonly class: string | null;
  readonly estimatedAt: string | null;
}

const HOUR = 3_600;
const text = (words = 'hi'): object => ({ type: 'text', text: words });
const template = (name: string, ...body: string[]): object => ({
  type: 'template',
  name,
  language: 'en_US',
  ...(body.length > 0 && { params: { body } }),
});
const PROMO = { content: template('promo', 'this') };
const UPDATE = { content: template('order_update', '7') };
const CODE = { content: template('login_code', '123456') };

let scene: Scene;
let sql: Client;

beforeAll(async () => {
  const url = await createDatabase();
  scene = await Scene.open({ env: databaseEnvironment(url) });
  sql = new Client({ connectionString: url });
  await sql.connect();
  closeAtEnd(async () => {
    await sql.end();
    await scene.close();
  });
  const { world } = scene.stage.sim;
  const components = (words: string) => [{ type: 'BODY', text: words }];
  world.addTemplate(WORLD.wabaId, { name: 'login_code', category: 'AUTHENTICATION', components: components('{{1}}') });
  world.addTemplate(WORLD.wabaId, { name: 'order_update', category: 'UTILITY', components: components('No {{1}}') });
  world.addTemplate(WORLD.wabaId, { name: 'promo', category: 'MARKETING', components: components('Buy {{1}}') });
  await eventually('the templates to be read', async () => {
    await scene.stage.patchbay.command('acme', 'whatsapp=setup');
    return (await scene.get<ListView<unknown>>('/templates?gateway=acme')).body.items.length === 3;
  });
});

afterEach(async () => {
  scene.stage.sim.faults.clear();
  await call('POST', '/messages/cancel', { all: true });
});

const call = <T = Record<string, unknown>>(method: string, path: string, body?: object) =>
  scene.stage.patchbay.call<T>(method, path, { ...(body && { body }) });
const configure = async (metadata: object): Promise<void> => {
  expect((await call('PATCH', '/gateways/acme', { metadata })).status).toBe(200);
};
const away = (): string => `+${scene.newPhone()}`;

async function written(secondsAgo = 0) {
  const customer = scene.customer();
  const timestamp = String(Math.floor(Date.now() / 1_000) - secondsAgo);
  const { contact } = await scene.write(customer, { type: 'text', text: { body: 'hi' }, timestamp });
  return { customer, to: `+${customer.phone}`, contact: contact.id };
}

/** Everything that a message leaves behind. */
async function rows(): Promise<unknown> {
  const tables = ['contact', 'contact_identity', 'thread', 'dialog', 'message', 'outbound', 'head', 'idempotency_key'];
  const counts = tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ');
  return (await sql.query(`SELECT ${counts}`)).rows[0] as unknown;
}

/** What is explained; nothing is written and nothing sent by it. */
async function explain(body: object): Promise<Explained> {
  await untilQuiet(sql);
  const before = await rows();
  const { requests } = scene.stage.sim;
  const sends = () => requests.filter(({ path }) => path.endsWith('/messages')).length;
  const sent = sends();
  const answer = await call<Explained>('POST', '/messages/explain', { gateway: 'acme', ...body });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  expect(await rows()).toEqual(before);
  expect(sends()).toBe(sent);
  expect(Object.keys(answer.body).toSorted()).toEqual(
    ['class', 'estimatedAt', 'pace', 'reasons', 'tier', 'verdict', 'window'].toSorted(),
  );
  for (const { detail } of answer.body.reasons) expect(detail.length).toBeGreaterThan(10);
  return answer.body;
}

/** Explains a message and then really sends it: it comes as was said. Gives back both. */
async function comesTrue(body: object): Promise<Explained & { readonly message: MessageView | ProblemView }> {
  const explained = await explain(body);
  const { verdict, reasons } = explained;
  const answer = await scene.post<MessageView & ProblemView>(body);
  if (verdict === 'reject') {
    expect([answer.status >= 400 && answer.status < 500, answer.body.code]).toEqual([true, reasons[0]?.code]);
    return { ...explained, message: answer.body };
  }
  expect([answer.status, answer.body['class']]).toEqual([202, explained.class]);
  const { id } = answer.body;
  if (verdict === 'hold') {
    const held = await scene.until(id, ({ held: obstacle }) => obstacle !== undefined);
    expect([held.status, held.held?.reason]).toEqual(['held', reasons[0]?.code]);
    expect(held.held?.until).toBe(reasons[0]?.until);
    expect(held.attempts).toEqual([]);
    return { ...explained, message: held };
  }
  const sent = await scene.until(id, 'delivered');
  expect(sent.attempts.map(({ part }) => part)).toEqual([verdict === 'fallback' ? 'fallback' : 'content']);
  expect(statusesOf(sent)).not.toContain('held');
  return { ...explained, message: sent };
}

describe('what is explained comes true:', () => {
  it('an open window', async () => {
    const { to } = await written();
    expect(await comesTrue({ to, content: text() })).toMatchObject({
      verdict: 'send',
      reasons: [],
      window: { state: 'open', expiresAt: expect.any(String) },
      class: 'reply',
      tier: { needsPlace: false, limit: 2_000 },
      pace: { throughput: 80, perSecond: expect.any(Number) },
      estimatedAt: expect.any(String),
    });
  });

  it('a closed window, without and with a fallback', async () => {
    const { to } = await written(25 * HOUR);
    expect(await comesTrue({ to, content: text() })).toMatchObject({
      verdict: 'reject',
      reasons: [{ code: 'window.closed' }],
      window: { state: 'closed', expiresAt: expect.any(String) },
      tier: { needsPlace: true },
      pace: { throughput: 80 },
      class: null,
      estimatedAt: null,
    });
    expect(await comesTrue({ to, content: text(), fallback: UPDATE.content })).toMatchObject({
      verdict: 'fallback',
      reasons: [{ code: 'window.closed' }],
      class: 'utility',
    });
    expect(await comesTrue({ to, ...UPDATE })).toMatchObject({ verdict: 'send', window: { state: 'closed' } });
  });

  it('an unknown window, as the gateway wants it', async () => {
    scene.stage.sim.window = 'open';
    try {
      const tried = await comesTrue({ to: away(), content: text() });
      expect(tried).toMatchObject({ verdict: 'send', window: { state: 'unknown' }, class: 'utility' });
      await configure({ window_unknown: 'closed' });
      const refused = await comesTrue({ to: away(), content: text() });
      expect(refused).toMatchObject({ verdict: 'reject', reasons: [{ code: 'window.closed' }] });
      const turned = await comesTrue({ to: away(), content: text(), fallback: UPDATE.content });
      expect(turned).toMatchObject({ verdict: 'fallback', window: { state: 'unknown' } });
    } finally {
      await configure({ window_unknown: null });
      scene.stage.sim.window = 'strict';
    }
  });

  it('a person who opted out, of a kind', async () => {
    const { to, contact } = await written();
    await call('PUT', `/contacts/${contact}/consent`, { state: 'out', topic: 'marketing' });
    expect(await comesTrue({ to, ...PROMO })).toMatchObject({ verdict: 'hold', reasons: [{ code: 'consent' }] });
    expect(await comesTrue({ to, ...UPDATE })).toMatchObject({ verdict: 'send', reasons: [] });
  });

  it('a stranger, where opt-ins are asked for', async () => {
    await configure({ require_opt_in: 'marketing' });
    try {
      const held = await comesTrue({ to: away(), ...PROMO });
      expect(held).toMatchObject({ verdict: 'hold', reasons: [{ code: 'consent' }], estimatedAt: null });
      expect(await comesTrue({ to: away(), ...UPDATE })).toMatchObject({ verdict: 'send' });
    } finally {
      await configure({ require_opt_in: null });
    }
  });

  it('a paused template, on the way in or as the fallback; one that is not there; wrong values', async () => {
    const tell = (event: string): void => {
      const named = { message_template_id: 1, message_template_name: 'promo', message_template_language: 'en-US' };
      scene.stage.sim.advance(1_000);
      scene.stage.sim.emit('message_template_status_update', WORLD.wabaId, { ...named, event } as never);
    };
    const standing = (status: string) =>
      eventually(status, async () => {
        const { body } = await scene.get<ListView<{ status: string }>>('/templates?gateway=acme&name=promo');
        return body.items[0]?.status === status;
      });
    tell('PAUSED');
    await standing('PAUSED');
    try {
      const held = await comesTrue({ to: away(), ...PROMO });
      expect(held).toMatchObject({ verdict: 'hold', reasons: [{ code: 'template' }] });
      const { to, contact } = await written(25 * HOUR);
      await call('PUT', `/contacts/${contact}/consent`, { state: 'out' });
      expect(await explain({ to, content: text(), fallback: PROMO.content })).toMatchObject({
        verdict: 'hold',
        reasons: [{ code: 'window.closed' }, { code: 'template' }, { code: 'consent' }],
      });
    } finally {
      await call('POST', '/messages/cancel', { all: true });
      tell('APPROVED');
      await standing('APPROVED');
    }
    const wrong = await comesTrue({ to: away(), content: template('order_update', '1', '2') });
    expect(wrong).toMatchObject({
      verdict: 'reject',
      reasons: [{ code: 'template.parameters' }],
      window: { state: 'unknown' },
    });
    const unknown = await comesTrue({ to: away(), content: template('nowhere') });
    expect(unknown).toMatchObject({ verdict: 'reject', reasons: [{ code: 'template.unknown' }] });
  });

  it('a gateway, a number or a recipient that cannot be', async () => {
    const { to } = await written();
    const reject = async (more: object) => (await comesTrue({ to, content: text(), ...more })).reasons[0]?.code;
    expect(await reject({ gateway: 'nobody' })).toBe('gateway.unknown');
    expect(await reject({ account: '1' })).toBe('account.unknown');
    expect(await reject({ class: 'authentication' })).toBe('class.too_high');
    expect(await reject({ content: text('x'.repeat(5_000)) })).toMatch(/^content\./);
    const other = { name: 'k', permissions: ['messages:send'], gateways: [] as unknown[] };
    const made = await call('POST', '/gateways', gatewayBody({ uri: 'other', bot: scene.stage.bot }));
    const { body: key } = await call('POST', '/keys', { ...other, gateways: [made.body['id']] });
    const stranger = await scene.stage.patchbay.call<Explained>('POST', '/messages/explain', {
      key: String(key['key']),
      body: { gateway: 'acme', to, content: text() },
    });
    expect(stranger.body).toMatchObject({ verdict: 'reject', reasons: [{ code: 'gateway.unknown' }], window: null });
    const malformed = await call('POST', '/messages/explain', { gateway: 'acme', to: 'nobody', content: text() });
    expect(malformed.status).toBe(400);
  });

  it('a number that is switched off, and a gateway', async () => {
    const { to } = await written();
    await call('PATCH', `/accounts/${WORLD.phoneNumberId}`, { enabled: false });
    try {
      const off = await comesTrue({ to, content: text() });
      expect(off).toMatchObject({ verdict: 'reject', reasons: [{ code: 'account.inactive' }] });
    } finally {
      await call('PATCH', `/accounts/${WORLD.phoneNumberId}`, { enabled: true });
    }
    await call('PATCH', '/gateways/acme', { enabled: false });
    try {
      const off = await comesTrue({ to, content: text() });
      expect(off).toMatchObject({ verdict: 'reject', reasons: [{ code: 'gateway.disabled' }] });
    } finally {
      await call('PATCH', '/gateways/acme', { enabled: true });
    }
  });

  it('the stop switch, for a class and for all', async () => {
    const { to } = await written();
    const until = new Date(Date.now() + HOUR * 1_000).toISOString();
    await call('POST', '/limits/pause', { gateway: 'acme', class: 'marketing', reason: 'complaints', until });
    const promo = await comesTrue({ to, ...PROMO });
    expect(promo).toMatchObject({ verdict: 'hold', reasons: [{ code: 'paused', until }], estimatedAt: until });
    expect(promo.reasons[0]?.detail).toContain('complaints');
    expect(await comesTrue({ to, content: text() })).toMatchObject({ verdict: 'send' });
    await call('POST', '/limits/pause', { reason: 'audit' });
    const all = await comesTrue({ to, content: text() });
    expect(all).toMatchObject({ verdict: 'hold', reasons: [{ code: 'paused' }], estimatedAt: null });
    await call('POST', '/messages/cancel', { all: true });
    expect((await call<ListView<unknown>>('POST', '/limits/resume')).body.items).toEqual([]);
    expect(await comesTrue({ to, content: text() })).toMatchObject({ verdict: 'send' });
  });

  it('sendAt', async () => {
    const { to } = await written();
    const sendAt = new Date(Date.now() + HOUR * 1_000).toISOString();
    const held = await comesTrue({ to, content: text(), sendAt });
    expect(held).toMatchObject({
      verdict: 'hold',
      reasons: [{ code: 'schedule', until: sendAt }],
      estimatedAt: sendAt,
    });
  });

  it('a person who got 45 messages at once, whoever wrote them', async () => {
    const { to } = await written();
    const messages = Array.from({ length: 60 }, (_, n) => ({ gateway: 'acme', to, content: text(String(n)) }));
    await call('POST', '/messages/batch', { messages });
    await eventually('the pace to be used up', async () => {
      const { body } = await scene.get<ListView<MessageView>>(`/messages?status=held&to=${to.slice(1)}`);
      return body.items[0]?.held?.reason === 'pair';
    });
    const explained = await explain({ to, content: text('one more') });
    expect(explained).toMatchObject({ verdict: 'hold', reasons: [{ code: 'pair', until: expect.any(String) }] });
    expect(explained.estimatedAt).toBe(explained.reasons[0]?.until);
    const more = await scene.post({ to, content: text('one more') });
    const { held } = await scene.until(more.body.id, 'held');
    expect(held).toMatchObject({ reason: 'pair', detail: explained.reasons[0]?.detail, until: expect.any(String) });
    // What follows in the same line waits for it.
    const next = await explain({ to, content: text('and another') });
    expect(next.reasons.map(({ code }) => code)).toEqual(['pair', 'order']);
  });

  it('a messaging limit that is used up for some classes', async () => {
    const seed = (opened: number) => call('PUT', '/limits/seed', { gateway: 'acme', opened });
    const open = away();
    await scene.until((await scene.post({ to: open, ...PROMO })).body.id, 'delivered');
    const { tier } = await explain({ to: away(), ...PROMO });
    await seed(Number(tier?.['free']));
    try {
      const promo = await comesTrue({ to: away(), ...PROMO });
      expect(promo).toMatchObject({
        verdict: 'hold',
        reasons: [{ code: 'tier' }],
        tier: { limit: 2_000, free: 0, needsPlace: true },
      });
      expect(await comesTrue({ to: open, ...PROMO })).toMatchObject({ verdict: 'send', tier: { needsPlace: false } });
      const { to } = await written();
      expect(await comesTrue({ to, content: text() })).toMatchObject({ verdict: 'send', tier: { needsPlace: false } });
      expect(await comesTrue({ to, ...PROMO })).toMatchObject({ verdict: 'send' });
      expect(await comesTrue({ to: away(), ...CODE })).toMatchObject({ verdict: 'send', class: 'authentication' });
      expect(await comesTrue({ to: away(), ...UPDATE })).toMatchObject({ verdict: 'send', class: 'utility' });
    } finally {
      await seed(0);
    }
  });

  it('a number that Meta cannot charge: what costs is held, and answers go', async () => {
    const broke = away();
    const { sim } = scene.stage;
    sim.faults.add({ match: { to: broke, times: 1 }, do: { error: { code: 131_042 } } });
    const first = await scene.post({ to: broke, ...PROMO });
    await scene.until(first.body.id, 'held');
    const next = await comesTrue({ to: away(), ...PROMO });
    expect(next.reasons[0]).toMatchObject({ code: 'account', until: expect.any(String) });
    const { to } = await written();
    expect(await comesTrue({ to, content: text() })).toMatchObject({ verdict: 'send' });
  });

  it('a gateway whose token died', async () => {
    const { to } = await written();
    scene.stage.sim.world.token(WORLD.token).valid = false;
    const first = await scene.post({ to, content: text('first') });
    await scene.until(first.body.id, 'held');
    const next = await comesTrue({ to: away(), ...CODE });
    expect(next).toMatchObject({ verdict: 'hold', reasons: [{ code: 'gateway' }], estimatedAt: null });
    // In the line of the one that waits it would wait for that one too.
    const behind = await explain({ to, content: text('second') });
    expect(behind.reasons.map(({ code }) => code)).toEqual(['gateway', 'order']);
  });
});
