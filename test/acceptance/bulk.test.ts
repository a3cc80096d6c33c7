import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type MessageView, type ProblemView, SECOND_NUMBER, Scene, TWO_NUMBERS, statusesOf } from '../support/scene.js';
import { WORLD, gatewayBody } from '../support/stage.js';

type Body = Record<string, unknown>;

const UNKNOWN_ID = '01999999-0000-7000-8000-000000000000';
const text = (words: string): object => ({ type: 'text', text: words });
const promo = (name = 'promo'): object => ({ type: 'template', name, language: 'en_US' });

let scene: Scene;
/** of the second gateway, which limited keys must not touch */
let otherId: string;
/** may send with `acme` alone, and one that may only read */
let limited: string;
let reader: string;

beforeAll(async () => {
  scene = await Scene.open({ simulator: { world: TWO_NUMBERS } });
  const { patchbay, bot } = scene.stage;
  await patchbay.command('acme', `whatsapp=unsubscribe&id=${SECOND_NUMBER.id}`);
  const other = await patchbay.call('POST', '/gateways', { body: gatewayBody({ uri: 'other', bot }) });
  otherId = String(other.body['id']);
  await patchbay.command('other', 'whatsapp=setup');
  const { text: said } = await patchbay.command('other', `whatsapp=subscribe&id=${SECOND_NUMBER.id}`);
  expect(said).not.toContain('"error"');
  const key = async (body: object) => String((await call('POST', '/keys', { name: 'k', ...body })).body['key']);
  limited = await key({ permissions: ['messages:send', 'messages:read'], gateways: [scene.gateway['id']] });
  reader = await key({ permissions: ['messages:read'] });
});

afterAll(() => scene.close());

const call = <T = Body>(method: string, path: string, body?: unknown, key?: string) =>
  scene.stage.patchbay.call<T>(method, path, {
    ...(body !== undefined && { body }),
    ...(key !== undefined && { key }),
  });
const cancel = (body: unknown, key?: string) => call('POST', '/messages/cancel', body, key);
const redrive = (body: unknown, key?: string) => call('POST', '/messages/redrive', body, key);

async function send(body: object): Promise<MessageView> {
  const answer = await scene.post({ to: `+${scene.newPhone()}`, content: promo(), ...body });
  if (answer.status !== 202) throw new Error(answer.text);
  return answer.body;
}
const statusOf = async (message: MessageView): Promise<string> => (await scene.message(message.id)).status;
const statuses = (messages: readonly MessageView[]) => Promise.all(messages.map(statusOf));

describe('POST /messages/cancel', () => {
  afterEach(async () => {
    await cancel({ all: true });
    await call('POST', '/limits/resume');
  });

  const held = async (...bodies: object[]): Promise<readonly MessageView[]> => {
    await call('POST', '/limits/pause', { reason: 'test' });
    const messages = [];
    for (const body of bodies) messages.push(await send(body));
    return messages;
  };

  it('takes out what fits and has not left, by any of its words, and tells how many', async () => {
    const customer = scene.customer();
    const { dialog } = await scene.write(customer, 'hi');
    const to = `+${customer.phone}`;
    const messages = await held(
      { to, content: text('a reply') },
      { to, content: promo() },
      { content: promo('sale') },
      { content: promo('sale'), gateway: 'other' },
      { content: promo(), sendAt: new Date(Date.now() + 3_600_000).toISOString() },
    );
    const [reply, , , , scheduled] = messages as [MessageView, MessageView, MessageView, MessageView, MessageView];
    const matched = async (filter: object) => (await cancel({ ...filter, dryRun: true })).body['matched'];
    expect(await matched({ all: true })).toBe(5);
    expect(await matched({ filter: { gateway: 'acme' } })).toBe(4);
    expect(await matched({ gateway: otherId })).toBe(1);
    expect(await matched({ account: SECOND_NUMBER.id })).toBe(1);
    expect(await matched({ class: 'reply' })).toBe(1);
    expect(await matched({ to })).toBe(2);
    expect(await matched({ to: to.slice(1) })).toBe(2);
    expect(await matched({ dialog: dialog.id, class: 'marketing' })).toBe(1);
    expect(await matched({ template: 'sale' })).toBe(2);
    expect(await matched({ gateway: 'other', filter: { template: 'sale' } })).toBe(1);
    expect(await matched({ template: 'sale', filter: { gateway: 'acme' } })).toBe(1);
    expect(await matched({ until: String(scheduled['createdAt']) })).toBe(4);
    expect(await matched({ since: String(scheduled['createdAt']) })).toBe(1);
    expect(await matched({ dialog: UNKNOWN_ID })).toBe(0);
    expect(await statuses(messages)).not.toContain('cancelled');

    expect((await cancel({ filter: { template: 'sale', gateway: 'acme' } })).body).toEqual({
      matched: 1,
      cancelled: 1,
    });
    expect((await cancel({ to, class: 'reply' })).body).toEqual({ matched: 1, cancelled: 1 });
    const now = await statuses(messages);
    expect(now.map((status) => status === 'cancelled')).toEqual([true, false, true, false, false]);
    expect(statusesOf(await scene.message(reply.id)).at(-1)).toBe('cancelled');
    expect((await cancel({ all: true })).body).toEqual({ matched: 3, cancelled: 3 });
    expect(new Set(await statuses(messages))).toEqual(new Set(['cancelled']));
    const sent = scene.stage.sim.counts.sent;
    await call('POST', '/limits/resume');
    await scene.until((await scene.send(customer.phone, 'the next')).id, 'delivered');
    expect(scene.stage.sim.counts.sent).toBe(sent + 1);
  });

  it('takes out more than one helping, and leaves alone what has left', async () => {
    const gone = await send({});
    await scene.until(gone.id, 'delivered');
    await call('POST', '/limits/pause', {});
    const messages = Array.from({ length: 1_203 }, () => ({
      gateway: 'acme',
      to: `+${scene.newPhone()}`,
      content: promo('many'),
    }));
    const batch = await call<{ items: { id: string }[] }>('POST', '/messages/batch', { messages });
    expect((await cancel({ template: 'many' })).body).toEqual({ matched: 1_203, cancelled: 1_203 });
    const some = [0, 600, 1_202].map((index) => scene.message(batch.body.items[index]?.id ?? ''));
    expect((await Promise.all(some)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(await statusOf(gone)).toBe('delivered');
  });

  it('keeps a limited key to its gateways', async () => {
    const messages = await held({}, { gateway: 'other' });
    expect((await cancel({ all: true }, limited)).body).toEqual({ matched: 1, cancelled: 1 });
    expect((await statuses(messages)).map((status) => status === 'cancelled')).toEqual([true, false]);
    expect(await cancel({ gateway: 'other' }, limited)).toMatchObject({
      status: 422,
      body: { code: 'gateway.unknown' },
    });
    const account = await cancel({ account: SECOND_NUMBER.id, dryRun: true }, limited);
    expect([account.status, account.body['matched'] ?? 0]).toEqual([200, 0]);
    expect((await cancel({ all: true }, reader)).status).toBe(403);
  });

  it.each<[string, unknown, number, string]>([
    ['an empty body', {}, 400, 'filter.empty'],
    ['an empty filter', { filter: {} }, 400, 'filter.empty'],
    ['all: false', { all: false }, 400, 'filter.empty'],
    ['only a dry run', { dryRun: true }, 400, 'filter.empty'],
    ['a field that is not known', { gateways: 'acme' }, 400, 'validation.failed'],
    ['one in the filter', { filter: { status: 'held' } }, 400, 'validation.failed'],
    ['a class that is not there', { class: 'spam' }, 400, 'validation.failed'],
    ['a dialog that cannot be', { dialog: 'x' }, 400, 'validation.failed'],
    ['a person that cannot be', { to: 'somebody' }, 400, 'validation.failed'],
    ['a moment that is none', { until: 'yesterday' }, 400, 'validation.failed'],
    ['nobody’s gateway', { gateway: 'nobody' }, 422, 'gateway.unknown'],
    ['nobody’s account', { account: '1' }, 422, 'account.unknown'],
  ])('refuses %s', async (_, body, status, code) => {
    const answer = await cancel(body);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });
});

describe('POST /messages/redrive', () => {
  afterEach(() => scene.stage.sim.faults.clear());

  /** Refused for good, in the answer or later in a receipt. */
  async function failed(count: number, code: number, late = false): Promise<readonly MessageView[]> {
    const { sim } = scene.stage;
    const messages = [];
    for (let n = 0; n < count; n += 1) {
      const phone = scene.newPhone();
      const error = { code };
      sim.faults.add({ match: { to: phone, times: 1 }, do: late ? { statusError: error } : { error } });
      messages.push(await send({ to: `+${phone}` }));
    }
    for (const { id } of messages) await scene.until(id, 'failed');
    return messages;
  }

  it('puts messages back that failed with a code of ours or of the network, which then leave once', async () => {
    const { sim, bot } = scene.stage;
    const inAnswer = await failed(3, 131_026);
    const later = await failed(2, 131_026, true);
    const other = await failed(1, 131_051);
    const dry = await redrive({ code: 'recipient.unreachable', gateway: 'acme', dryRun: true });
    expect([dry.status, dry.body]).toMatchObject([200, { matched: 5, redriven: 0 }]);
    const asNumber = await redrive({ code: 131_026, filter: { gateway: 'acme' }, dryRun: true });
    expect([asNumber.status, asNumber.body]).toMatchObject([200, { matched: 5, redriven: 0 }]);
    expect((dry.body['items'] as string[]).toSorted()).toEqual([...inAnswer, ...later].map(({ id }) => id).toSorted());
    const mark = sim.sent.length;
    expect((await redrive({ code: '131026', gateway: 'acme' })).body).toEqual({ redriven: 5 });
    for (const { id } of [...inAnswer, ...later]) {
      const done = await scene.until(id, 'delivered');
      expect(done.id).toBe(id);
      expect(done.error).toBeUndefined();
      expect(done.attempts).toHaveLength(2);
      expect(statusesOf(done).filter((status) => status === 'queued')).toHaveLength(2);
      await bot.waitFor(({ type, message }) => type === 'message.delivered' && message?.id === id);
    }
    expect(sim.sent.length - mark).toBe(5);
    expect((await redrive({ code: '131026', gateway: 'acme' })).body).toEqual({ redriven: 0 });
    expect(await statuses(other)).toEqual(['failed']);
  });

  it('keeps the order of a line, and what fails again says so again', async () => {
    const { sim, bot } = scene.stage;
    const phone = scene.newPhone();
    const fault = sim.faults.add({ match: { to: phone }, do: { error: { code: 132_001 } } });
    const messages: MessageView[] = [];
    for (const name of ['one', 'two', 'three']) messages.push(await send({ to: `+${phone}`, content: promo(name) }));
    for (const { id } of messages) await scene.until(id, 'failed');
    const told = () =>
      bot.events.filter(({ type, message }) => type === 'message.failed' && message?.id === messages[0]?.id).length;
    await eventually('the first telling', async () => told() === 1);
    expect((await redrive({ code: 'template.missing', to: `+${phone}`, limit: 1 })).body).toEqual({ redriven: 1 });
    const again = await scene.until(
      messages[0]?.id ?? '',
      ({ attempts, status }) => status === 'failed' && attempts.length === 2,
    );
    expect(statusesOf(again)).toEqual(['queued', 'sending', 'failed', 'queued', 'sending', 'failed']);
    await eventually('the second telling', async () => told() === 2);
    fault.remove();
    expect((await redrive({ code: 'template.missing', to: `+${phone}` })).body).toEqual({ redriven: 3 });
    for (const { id } of messages) await scene.until(id, 'delivered');
    expect(sim.sent.filter((sent) => sent.phone === phone).map(({ template }) => template)).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it('keeps a limited key to its gateways', async () => {
    const [mine] = await failed(1, 131_026);
    expect((await redrive({ code: '131026', gateway: 'other' }, limited)).body).toMatchObject({
      code: 'gateway.unknown',
    });
    expect((await redrive({ code: '131026', dryRun: true }, limited)).body).toMatchObject({ items: [mine?.id] });
    expect((await redrive({ code: '131026' }, reader)).status).toBe(403);
    expect((await redrive({ code: '131026' }, limited)).body).toEqual({ redriven: 1 });
    await scene.until(mine?.id ?? '', 'delivered');
  });

  it('leaves alone what was sent by a gateway that is gone', async () => {
    const phone = scene.newPhone();
    scene.stage.sim.faults.add({ match: { to: phone }, do: { error: { code: 131_051 } } });
    const orphan = await send({ to: `+${phone}`, gateway: 'other' });
    await scene.until(orphan.id, 'failed');
    const which = { code: 'content.unsupported', to: `+${phone}` };
    expect((await redrive({ ...which, dryRun: true })).body['matched']).toBe(1);
    expect((await call('DELETE', '/gateways/other?force=true')).status).toBeLessThan(300);
    expect((await redrive(which)).body).toEqual({ redriven: 0 });
  });

  it.each<[string, unknown, number, string]>([
    ['no code', { gateway: 'acme' }, 400, 'validation.failed'],
    ['nobody’s gateway', { gateway: 'nobody', code: '131042' }, 422, 'gateway.unknown'],
    ['nobody’s account', { account: '1', code: '131042' }, 422, 'account.unknown'],
    ['a limit of none', { code: '131042', limit: 0 }, 400, 'validation.failed'],
    ['a field that is not known', { code: '131042', all: true }, 400, 'validation.failed'],
  ])('refuses %s', async (_, body, status, code) => {
    const answer = await redrive(body);
    expect([answer.status, (answer.body as unknown as ProblemView).code]).toEqual([status, code]);
  });
});

describe('the number of this gateway', () => {
  it('is the one that the tests send from', () => {
    expect(new Set(scene.stage.sim.sent.map(({ phoneNumberId }) => phoneNumberId))).toEqual(
      new Set([WORLD.phoneNumberId]),
    );
  });
});
