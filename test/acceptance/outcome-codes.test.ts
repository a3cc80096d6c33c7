import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outcomes } from '../../src/channels/whatsapp/outcomes.js';
import { MESSAGE_CLASSES, type OutcomeRow } from '../../src/contract/index.js';
import type { Fault } from '../../src/simulator/fault.types.js';
import {
  Archipelago,
  type Island,
  type MessageClass,
  type MessageView,
  type Person,
  contentOf,
} from '../support/archipelago.js';
import { eventually } from '../support/patchbay.js';

/** How a code comes: in the answer to the request, or in a `failed` status of a message that was accepted. */
type Way = 'answer' | 'late';
const WAYS: readonly Way[] = ['answer', 'late'];

interface Case {
  readonly code: number;
  readonly row: OutcomeRow;
  readonly way: Way;
}

const UNKNOWN: OutcomeRow = { code: 'provider.refused', title: '', action: 'fail', scope: 'message' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Every row of the table in both ways; of a span of codes that share a row the first in the one way and the last in the other. */
const CASES: readonly Case[] = (() => {
  const codes = new Map<OutcomeRow, number[]>();
  for (const [code, row] of outcomes) codes.set(row, [...(codes.get(row) ?? []), Number(code)]);
  return WAYS.flatMap((way) =>
    [...codes].map(([row, all]) => ({ row, code: all.at(way === 'answer' ? 0 : -1) ?? NaN, way })),
  );
})();

const REACHED = ['accepted', 'sent', 'delivered', 'read'];
const reached = ({ status }: MessageView): boolean => REACHED.includes(status);
const nameOf = ({ code, way }: Case): string => `${code} ${way === 'late' ? 'in a late status' : 'in the answer'}`;
const isWide = ({ action, scope, slows }: OutcomeRow): boolean =>
  slows === 'account' || ((action === 'hold' || action === 'retry') && ['account', 'class', 'gateway'].includes(scope));

describe('every code of the table, in both ways', () => {
  let world: Archipelago;
  /** all that was sent in this file, to be counted at its end */
  const taken: { island: Island; id: string }[] = [];

  beforeAll(async () => {
    world = await Archipelago.open();
  });

  afterAll(() => world.close());

  async function send(
    island: Island,
    to: Person,
    messageClass: MessageClass,
    more: { account?: string; template?: string; fallback?: object } = {},
  ): Promise<string> {
    const { template, ...rest } = more;
    const { id, class: judged } = await island.send({ to, content: contentOf(messageClass, template), ...rest });
    expect(judged).toBe(messageClass);
    taken.push({ island, id });
    return id;
  }

  /** The next message to this person meets the code, once. */
  function meets(person: Person, { code, way }: Case): Fault {
    const error = { code, details: 'Said by Meta' };
    return world.sim.faults.add({
      match: { path: '/messages', to: person.phone, times: 1 },
      do: way === 'late' ? { statusError: error } : { error },
    });
  }

  /** The message that met the code, as far as it is final. */
  async function failsWith(island: Island, id: string, { row, code, way }: Case): Promise<void> {
    const failed = await island.until(id, `failure with ${code}`, ({ status }) => status === 'failed');
    expect(failed.error).toMatchObject({
      code: row.code,
      title: row.title,
      action: row.action,
      scope: row.scope,
      retryable: row.action === 'retry',
      provider: { code },
    });
    expect(failed.error?.detail).toContain(row.advice ?? 'Said by Meta');
    expect(failed.attempts.map(({ status }) => status)).toEqual([way === 'late' ? 'accepted' : 'failed']);
  }

  const delivered = (island: Island, id: string) => island.until(id, 'that it arrives', reached);

  async function gently(cases: readonly Case[], work: (one: Case) => Promise<void>): Promise<void> {
    const left = [...cases];
    const failures: string[] = [];
    const hand = async (): Promise<void> => {
      for (let one = left.shift(); one; one = left.shift()) {
        const named = nameOf(one);
        await work(one).catch((error: unknown) =>
          failures.push(`${named}: ${error instanceof Error ? error.message : String(error)}`),
        );
      }
    };
    await Promise.all(Array.from({ length: 12 }, hand));
    expect(failures).toEqual([]);
  }

  it('knows every row by an action and a scope that mean something together', () => {
    const pairs = new Set(CASES.map(({ row }) => `${row.action} ${row.scope}`));
    const held = [...pairs].filter((pair) => !pair.startsWith('fail '));
    expect(held.sort()).toEqual([
      'fallback contact',
      'hold account',
      'hold class',
      'hold contact',
      'hold gateway',
      'hold template',
      'retry account',
      'retry contact',
      'retry gateway',
      'retry message',
      'retry template',
      'suppress contact',
    ]);
  });

  it('fails what would be refused again, and nothing else: the next to the same person goes', async () => {
    const cases = CASES.filter(({ row }) => row.action === 'fail');
    expect(cases.length).toBeGreaterThan(100);
    for (const way of WAYS) {
      // Each way its own business: together they would be more people than it may open in a day.
      const island = await world.island();
      const met = cases.filter((one) => one.way === way).map((one) => ({ one, person: world.person() }));
      for (const { one, person } of met) meets(person, one);
      const sent = await island.sendAll(
        met.flatMap(({ person }) => [person, person]).map((to) => ({ to, content: contentOf('utility') })),
      );
      for (const id of sent) taken.push({ island, id });
      await eventually('that all have ended', async () =>
        (await island.messages()).every((now) => now.status === 'failed' || reached(now)),
      );
      for (const [index, { one }] of met.entries()) {
        await failsWith(island, sent[2 * index] ?? '', one);
        await delivered(island, sent[2 * index + 1] ?? '');
      }
    }
  });

  it('sends the fallback for a closed window, once and under the same id; without one it fails', async () => {
    const island = await world.island();
    await gently(
      CASES.filter(({ row }) => row.action === 'fallback'),
      async (one) => {
        const [ann, bob, eve] = [world.person(), world.person(), world.person()] as [Person, Person, Person];
        await island.hear([ann, bob, eve], island.numbers[0]);
        for (const person of [ann, bob]) meets(person, one);
        const fallback = contentOf('utility');
        const id = await send(island, ann, 'reply', { fallback });
        const instead = await island.until(
          id,
          'that its fallback arrives',
          (now) => reached(now) && now.attempts.length === 2,
        );
        expect(instead.error).toBeUndefined();
        expect(instead.attempts).toMatchObject([
          { part: 'content', status: one.way === 'late' ? 'accepted' : 'refused' },
          { part: 'fallback', status: 'accepted', providerId: instead.providerId },
        ]);
        expect(instead.timeline.filter(({ status }) => status === 'fallback')).toHaveLength(1);
        await failsWith(island, await send(island, bob, 'reply'), one);
        await delivered(island, await send(island, eve, 'reply'));
      },
    );
  });

  it('tries again after a passing fault, all lines of the person with it; accepted is accepted', async () => {
    const island = await world.island();
    const passing = CASES.filter(({ row }) => row.action === 'retry' && ['message', 'contact'].includes(row.scope));
    expect(passing.length).toBeGreaterThanOrEqual(12);
    await gently(passing, async (one) => {
      const [person, other] = [world.person(), world.person()];
      meets(person, one);
      const id = await send(island, person, 'utility');
      if (one.way === 'late') {
        await failsWith(island, id, one);
        await delivered(island, await send(island, person, 'marketing'));
        return;
      }
      const held = await island.until(id, 'a wait', (now) => now.held !== undefined || reached(now));
      if (held.held)
        expect(held.held).toMatchObject({ reason: one.row.slows ? 'pair' : 'retry', until: expect.any(String) });
      const next = await send(island, person, 'marketing');
      await delivered(island, await send(island, other, 'utility'));
      const done = await island.until(id, 'that it arrives', reached);
      expect(done.held).toBeUndefined();
      expect(done.error).toBeUndefined();
      expect(done.attempts.map(({ status }) => status)).toEqual(
        ['refused', 'accepted'].map((word, index) => (index === 0 && one.row.slows ? 'unsent' : word)),
      );
      const sendingAt = (message: MessageView) =>
        message.timeline.findLast(({ status }) => status === 'sending')?.at ?? '';
      expect(sendingAt(await delivered(island, next)) >= (held.held?.until ?? '')).toBe(true);
    });
  });

  it('holds for one person: their marketing for a day, and nothing else', async () => {
    const island = await world.island();
    const waiting: string[] = [];
    await gently(
      CASES.filter(({ row }) => row.action === 'hold' && row.scope === 'contact'),
      async (one) => {
        const [person, other] = [world.person(), world.person()];
        await island.hear([person], island.numbers[0]);
        meets(person, one);
        const id = await send(island, person, 'marketing');
        if (one.way === 'late') await failsWith(island, id, one);
        else {
          const { held } = await island.until(id, 'a hold', ({ status }) => status === 'held');
          expect(held?.reason).toBe('pair');
          expect(Date.parse(held?.until ?? '')).toBeGreaterThan(world.app.clock.now().getTime() + 23 * HOUR);
          waiting.push(id);
        }
        const next = await send(island, person, 'marketing');
        waiting.push(next);
        for (const messageClass of ['authentication', 'reply', 'utility'] as const)
          await delivered(island, await send(island, person, messageClass));
        await delivered(island, await send(island, other, 'marketing'));
        await delivered(island, await send(island, person, 'marketing', { account: island.numbers[1] }));
        expect(reached(await island.message(next))).toBe(false);
      },
    );
    later.push(async (passed) => {
      if (passed < 24 * HOUR + MINUTE) for (const id of waiting) expect(reached(await island.message(id))).toBe(false);
      else for (const id of waiting) await delivered(island, id);
    });
  });

  it('suppresses marketing to a person who stopped it, until they want it again', async () => {
    const island = await world.island();
    await gently(
      CASES.filter(({ row }) => row.action === 'suppress'),
      async (one) => {
        const [person, other] = [world.person(), world.person()];
        meets(person, one);
        const id = await send(island, person, 'marketing');
        await failsWith(island, id, one);
        const next = await send(island, person, 'marketing');
        const held = await island.until(next, 'a hold', ({ status }) => status === 'held');
        expect(held.held?.reason).toBe('consent');
        await delivered(island, await send(island, person, 'utility'));
        await delivered(island, await send(island, other, 'marketing'));
        const consent = { topic: 'marketing', state: 'in', what: 'asked for it' };
        const said = await world.app.call('PUT', `/contacts/${held.contact}/consent`, consent);
        expect(said.status).toBe(200);
        await delivered(island, next);
      },
    );
  });

  it('holds a template: its messages to anybody, and no other template', async () => {
    const cases = CASES.filter(({ row }) => row.scope === 'template' && row.action !== 'fail');
    const own = (one: Case): string => `own_${one.code}_${one.way}`;
    const island = await world.island(cases.map(own));
    await gently(cases, async (one) => {
      const [person, other, third] = [world.person(), world.person(), world.person()];
      const template = own(one);
      const refusal = meets(person, one);
      const id = await send(island, person, 'utility', { template });
      const isHeld = one.row.action === 'hold';
      // Whenever the list is read from now on, it says what the refusal says.
      if (isHeld) {
        await eventually('the refusal', async () => refusal.hits > 0);
        island.listTemplate(template, 'PAUSED');
      }
      if (one.way === 'late') await failsWith(island, id, one);
      else {
        const { held } = await island.until(id, 'a wait', ({ status }) => status === 'held');
        expect(held).toMatchObject({ reason: isHeld ? 'template' : 'retry', until: expect.any(String) });
      }
      const same = await send(island, other, 'utility', { template });
      if (isHeld) {
        const { held } = await island.until(same, 'a hold', ({ status }) => status === 'held');
        expect(held).toMatchObject({ reason: 'template', until: expect.any(String) });
        await delivered(island, await send(island, person, 'marketing'));
      } else await delivered(island, same);
      await delivered(island, await send(island, third, 'utility'));
      const waiting = [...(one.way === 'late' ? [] : [id]), ...(isHeld ? [same] : [])];
      later.push(async (passed) => {
        if (isHeld) island.listTemplate(template, 'APPROVED');
        if (passed >= 4 * HOUR) for (const each of waiting) await delivered(island, each);
      });
    });
  });

  it('lowers the pace of a number that was too fast, and holds nobody', async () => {
    await gently(
      CASES.filter(({ row }) => row.slows === 'account'),
      async (one) => {
        const island = await world.island();
        const [person, other] = [world.person(), world.person()];
        meets(person, one);
        const id = await send(island, person, 'marketing');
        if (one.way === 'late') await failsWith(island, id, one);
        else expect((await delivered(island, id)).attempts).toHaveLength(2);
        for (const to of [person, other])
          for (const account of island.numbers)
            await delivered(island, await send(island, to, 'marketing', { account }));
        const paces = await world.app.database.query<{ address: string; factor: number }>(
          'SELECT a.address, p.factor FROM account_pace p JOIN account a ON a.id = p.account_id WHERE a.address = ANY($1) ORDER BY 1',
          [island.numbers],
        );
        expect(paces).toEqual([
          { address: island.numbers[0], factor: 0.5 },
          { address: island.numbers[1], factor: 1 },
        ]);
      },
    );
  });

  it('holds a number, some of its classes or a whole gateway: neighbours flow, and all resumes by itself', async () => {
    const calm = await world.island();
    await gently(
      CASES.filter(({ row }) => isWide(row) && !row.slows),
      async (one) => {
        const { row, way } = one;
        const island = await world.island();
        const [a, b] = island.numbers;
        const [person, other] = [world.person(), world.person()];
        await island.hear([other], a);
        meets(person, one);
        // a receipt tells its time in whole seconds
        const sentAt = Math.floor(world.app.clock.now().getTime() / 1_000) * 1_000;
        const id = await send(island, person, 'marketing');
        const waiting = way === 'late' ? [] : [id];
        if (way === 'late') await failsWith(island, id, one);
        else {
          const { held } = await island.until(id, 'a hold', ({ status }) => status === 'held');
          expect(held?.reason).toBe(row.action === 'retry' ? 'retry' : row.scope === 'gateway' ? 'gateway' : 'account');
          expect(held?.detail).toContain(row.title);
          if (row.scope !== 'gateway' || row.action === 'retry') expect(held?.until).toEqual(expect.any(String));
        }
        const isParked = row.action === 'hold' && row.scope === 'gateway';
        if (isParked) expect(await island.status()).toBe('parked');
        const classes = row.classes ?? MESSAGE_CLASSES;
        // What the business account is held for is disproved by a sibling that arrives: `account-holds` shows that.
        for (const account of row.mendable === 'group' ? [a] : [a, b]) {
          const stops = account === a || row.scope === 'gateway';
          for (const messageClass of account === a ? MESSAGE_CLASSES : (['authentication', 'marketing'] as const)) {
            const probe = await send(island, other, messageClass, { account });
            if (!stops || !classes.includes(messageClass)) {
              await delivered(island, probe);
              continue;
            }
            const { held } = await island.until(
              probe,
              `a hold of ${messageClass}`,
              ({ status }) => status === 'held' || REACHED.includes(status),
            );
            expect(held?.reason).toBe(isParked ? 'gateway' : 'account');
            expect(held?.detail).toContain(row.title);
            if (!isParked) {
              // From some moment between then and now on.
              const since = Date.parse(held?.until ?? '') - (row.delayMs ?? HOUR);
              expect(since).toBeGreaterThanOrEqual(sentAt);
              expect(since).toBeLessThanOrEqual(world.app.clock.now().getTime());
            }
            waiting.push(probe);
          }
        }
        await delivered(calm, await send(calm, world.person(), 'marketing'));
        if (isParked) {
          await island.newToken();
          for (const each of waiting) await delivered(island, each);
          expect(await island.status()).toBe('ok');
          return;
        }
        later.push(async (passed) => {
          if (passed >= (row.delayMs ?? HOUR) + MINUTE) for (const each of waiting) await delivered(island, each);
          else if (passed < (row.delayMs ?? HOUR) - MINUTE)
            for (const each of waiting) expect((await island.message(each)).status).toBe('held');
        });
      },
    );
  });

  it('lets replies try when only what is paid for is held; one that is refused too waits by itself', async () => {
    const cases = CASES.filter(({ row, way }) => way === 'answer' && row.scope === 'account' && row.classes);
    expect(cases.map(({ code }) => code)).toEqual([131_064, 131_042]);
    await gently(cases, async (one) => {
      const island = await world.island();
      const [person, other] = [world.person(), world.person()];
      await island.hear([person, other], island.numbers[0]);
      meets(person, one);
      const id = await send(island, person, 'reply');
      const next = await send(island, person, 'reply');
      const { held, attempts } = await island.until(id, 'a hold', ({ status }) => status === 'held');
      expect([held?.reason, attempts.length]).toEqual(['account', 1]);
      expect(Date.parse(held?.until ?? '') - world.app.clock.now().getTime()).toBeGreaterThan(4 * MINUTE);
      await delivered(island, await send(island, other, 'reply'));
      const paid = await send(island, other, 'utility');
      await island.until(paid, 'a hold', ({ status }) => status === 'held');
      later.push(async (passed) => {
        if (passed < 5 * MINUTE) expect((await island.message(id)).attempts).toHaveLength(1);
        else for (const each of [id, next, ...(passed > HOUR ? [paid] : [])]) await delivered(island, each);
      });
    });
  });

  it('gives the place of the messaging limit back when the message has failed, and keeps it for one that arrived', async () => {
    const island = await world.island();
    const places = async (id: string): Promise<number> => {
      const { contact } = await island.message(id);
      return (await world.app.database.query('SELECT 1 AS one FROM tier_place WHERE contact_id = $1', [contact]))
        .length;
    };
    await gently(
      CASES.filter(({ code }) => code === 131_026),
      async (one) => {
        const [person, other] = [world.person(), world.person()];
        meets(person, one);
        const id = await send(island, person, 'utility');
        await failsWith(island, id, one);
        const arrived = await send(island, other, 'utility');
        await delivered(island, arrived);
        expect([await places(id), await places(arrived)]).toEqual([0, 1]);
      },
    );
  });

  it('parks a gateway once for all that were refused together, and not for what an old token met', async () => {
    const island = await world.island();
    const people = Array.from({ length: 40 }, () => world.person());
    for (const { phone } of people)
      world.sim.faults.add({
        match: { to: phone, times: 1 },
        do: { delayMs: 700, error: { code: 190, message: `at ${phone}` } },
      });
    const ids = await Promise.all(people.map((person) => send(island, person, 'utility')));
    for (const id of ids) await island.until(id, 'a hold', ({ held }) => held?.reason === 'gateway');
    expect(await island.status()).toBe('parked');
    world.sim.faults.clear();
    await island.newToken();
    for (const id of ids) expect((await delivered(island, id)).attempts.length).toBeLessThanOrEqual(2);

    const late = world.person();
    world.sim.faults.add({ match: { to: late.phone, times: 1 }, do: { delayMs: 1_000, error: { code: 190 } } });
    const id = await send(island, late, 'utility');
    await island.until(id, 'that it is on the wire', ({ attempts }) => attempts[0]?.status === 'sending');
    await island.newToken();
    expect((await delivered(island, id)).attempts).toHaveLength(2);
    expect(await island.status()).toBe('ok');
  });

  it('goes by the HTTP class for a code that is new to us: counted each time, logged once', async () => {
    const [island, counter] = [await world.island(), 'patchbay_unknown_codes_total{channel="whatsapp"}'];
    const logged = () =>
      world.app.logged.filter((line) => line.includes('new to us') && line.includes('999001')).length;
    const before = await world.app.metric(counter);
    for (const way of WAYS) {
      const person = world.person();
      meets(person, { code: 999_001, way, row: UNKNOWN });
      const failed = await island.until(
        await send(island, person, 'utility'),
        'failure',
        ({ status }) => status === 'failed',
      );
      expect(failed.error).toMatchObject({ code: 'provider.refused', retryable: false, provider: { code: 999_001 } });
    }
    expect([(await world.app.metric(counter)) - before, logged()]).toEqual([2, 1]);

    const person = world.person();
    const busy = { match: { to: person.phone, times: 1 }, do: { status: 503, error: { code: 999_002 } } };
    world.sim.faults.add(busy);
    expect((await delivered(island, await send(island, person, 'utility'))).attempts).toHaveLength(2);
  });

  /** What is looked at again after some time has passed. */
  const later: ((passedMs: number) => Promise<void>)[] = [];

  it.each([
    ['two minutes', 2 * MINUTE],
    ['an hour and a bit', 62 * MINUTE],
    ['five hours', 5 * HOUR],
    ['a day and a bit', 25 * HOUR],
  ])(
    'resumes what time ends, and nothing before: after %s',
    async (_name, passed) => {
      world.app.clock.advance(passed - elapsed);
      elapsed = passed;
      await world.sim.idle();
      expect(later.length).toBeGreaterThan(20);
      for (const look of later) await look(passed);
    },
    60_000,
  );
  let elapsed = 0;

  it('has put nothing on the wire again that was accepted', async () => {
    const all = new Map<string, MessageView>();
    for (const island of new Set(taken.map((one) => one.island)))
      for (const message of await island.messages()) all.set(message.id, message);
    const views = taken.flatMap(({ id }) => all.get(id) ?? []);
    expect(views).toHaveLength(taken.length);
    const open = views.filter(({ status }) => status !== 'failed' && !REACHED.includes(status));
    expect(open.map(({ id, status, held }) => ({ id, status, held }))).toEqual([]);
    let accepted = 0;
    for (const { attempts } of views) {
      const of = (part: string) =>
        attempts.filter((attempt) => attempt.status === 'accepted' && attempt.part === part).length;
      expect(of('content')).toBeLessThanOrEqual(1);
      expect(of('fallback')).toBeLessThanOrEqual(1);
      accepted += of('content') + of('fallback');
    }
    expect(accepted).toBe(world.sim.sent.length);
  });
});
