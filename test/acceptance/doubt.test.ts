import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DoubtSweeper } from '../../src/delivery/doubt-sweeper.service.js';
import { SettleService } from '../../src/delivery/settle.service.js';
import { Archipelago, type Island, type MessageView, type Person, contentOf } from '../support/archipelago.js';
import { eventually } from '../support/patchbay.js';

const RESENT = 'patchbay_outcomes_unknown_total{action="resent"}';
const HOUR = 60 * 60_000;

/** A reply is sent again when no receipt came in time: whatever decides too early doubles it. */
describe('the settle clock of a reply whose answer was lost', () => {
  let world: Archipelago;

  beforeAll(async () => {
    world = await Archipelago.open();
  });

  afterAll(() => world.close());
  afterEach(() => world.sim.faults.clear());

  const copies = (person: Person): number => world.sim.sent.filter(({ phone }) => phone === person.phone).length;
  const look = () => world.app.get(DoubtSweeper).sweep();

  /** The network took it; the answer was lost, and the receipts are not there yet. */
  async function lose(island: Island): Promise<{ person: Person; id: string }> {
    const person = world.person();
    await island.hear([person], island.numbers[0]);
    world.sim.faults.add({ match: { to: person.phone, times: 1 }, do: { drop: 'after', withholdStatuses: true } });
    const { id } = await island.send({ to: person, content: contentOf('reply') });
    await island.until(id, 'doubt', ({ held }) => held?.reason === 'doubt');
    return { person, id };
  }

  const isDoubted = ({ held, attempts }: MessageView): boolean => held?.reason === 'doubt' && attempts.length === 1;
  const hasArrived = ({ status }: MessageView): boolean => status === 'delivered';

  async function sendAfter(island: Island, account: string): Promise<void> {
    const { id } = await island.send({ to: world.person(), account, content: contentOf('utility') });
    await island.until(id, 'a later message with its receipts', hasArrived);
  }

  it('ends early, from ten seconds on, when a later message of the number has its receipts; counted apart', async () => {
    const island = await world.island();
    const { person, id } = await lose(island);
    await sendAfter(island, island.numbers[1]);
    world.app.clock.advance(11_000);
    await look();
    expect(isDoubted(await island.message(id))).toBe(true);

    const before = await world.app.metric(RESENT);
    await sendAfter(island, island.numbers[0]);
    await look();
    const done = await island.until(id, 'that it arrives', hasArrived);
    expect([done.attempts.length, copies(person), (await world.app.metric(RESENT)) - before]).toEqual([2, 2, 1]);
  });

  it('does not end early within ten seconds, after a restart, or where the gateway says how long it is', async () => {
    const island = await world.island();
    const early = await lose(island);
    await sendAfter(island, island.numbers[0]);
    world.app.clock.advance(5_000);
    await look();
    expect(isDoubted(await island.message(early.id))).toBe(true);

    // What was posted to a process that was just restarting comes again only when the network repeats it.
    await world.app.database.query(`UPDATE process SET started_at = started_at + interval '1 hour'`);
    world.app.clock.advance(10_000);
    await look();
    expect(isDoubted(await island.message(early.id))).toBe(true);

    const set = await world.app.call('PATCH', `/gateways/${island.uri}`, { metadata: { settle_seconds: '100' } });
    expect(set.status).toBe(200);
    // Not before: the sweeper's own look may come at any moment.
    await world.app.database.query(`UPDATE process SET started_at = started_at - interval '1 hour'`);
    await look();
    expect(isDoubted(await island.message(early.id))).toBe(true);
    world.sim.releaseStatuses();
    const done = await island.until(early.id, 'that it arrives', hasArrived);
    expect([done.attempts.length, copies(early.person)]).toEqual([1, 1]);
  });

  it('stands still while our callback is away: after an outage of an hour it arrives once', async () => {
    const island = await world.island();
    const { person, id } = await lose(island);
    const upSince = async () =>
      (await world.app.database.query<{ at: Date }>('SELECT up_since AS at FROM callback_uptime'))[0]?.at.getTime() ??
      0;
    const before = await upSince();
    world.app.clock.advance(HOUR);
    await look(); // before anybody has noticed that there was a gap
    expect(isDoubted(await island.message(id))).toBe(true);
    await eventually('the end of the outage to be noticed', async () => (await upSince()) > before);
    await look();
    expect(isDoubted(await island.message(id))).toBe(true);
    world.sim.releaseStatuses();
    const done = await island.until(id, 'that it arrives', hasArrived);
    expect([done.attempts.length, copies(person), done.held]).toEqual([1, 1, undefined]);
  });

  /** Shorter than the gap after which our callback counts as having been away. */
  async function impatient(): Promise<Island> {
    const island = await world.island();
    const set = await world.app.call('PATCH', `/gateways/${island.uri}`, { metadata: { settle_seconds: '15' } });
    expect(set.status).toBe(200);
    return island;
  }

  it('is decided once: a late word about an attempt that was replaced does not undo the next one', async () => {
    const island = await impatient();
    const person = world.person();
    await island.hear([person], island.numbers[0]);
    world.sim.faults.add({ match: { to: person.phone, times: 2 }, do: { drop: 'after', withholdStatuses: true } });
    const { id } = await island.send({ to: person, content: contentOf('reply') });
    await island.until(id, 'doubt', ({ held }) => held?.reason === 'doubt');
    world.app.clock.advance(16_000);
    await look();
    const twice = ({ held, attempts }: MessageView): boolean => held?.reason === 'doubt' && attempts.length === 2;
    const { attempts } = await island.until(id, 'doubt about the second attempt', twice);
    const [first, second] = attempts.map((attempt) => attempt.id);
    const taken = world.sim.sent.findLast(({ phone }) => phone === person.phone);
    const settle = world.app.get(SettleService);
    // Both in one batch, as when another process's sweeper had made up its mind before the first was replaced.
    const tookEffect = await Promise.all([
      settle.settle({ messageId: id, attemptId: second ?? '', result: 'accepted', providerId: taken?.id ?? '' }),
      settle.settle({
        messageId: id,
        attemptId: first ?? '',
        result: 'requeued',
        part: 'content',
        availableAt: world.app.clock.now(),
        held: null,
        countsAttempt: true,
      }),
    ]);
    expect(tookEffect).toEqual([true, false]);
    expect(await island.message(id)).toMatchObject({ status: 'accepted', providerId: taken?.id });
    expect(copies(person)).toBe(2);
  });

  it('leaves the place of the messaging limit taken when its end is that nobody knows', async () => {
    const island = await impatient();
    const person = world.person();
    const used = async (): Promise<unknown> => {
      const { body } = await world.app.call<{ portfolios: { used: number }[] }>('GET', `/limits?gateway=${island.uri}`);
      return body.portfolios.map((portfolio) => portfolio.used);
    };
    world.sim.faults.add({ match: { to: person.phone, times: 1 }, do: { drop: 'after', withholdStatuses: true } });
    const { id } = await island.send({ to: person, content: contentOf('utility') });
    await island.until(id, 'doubt', ({ held }) => held?.reason === 'doubt');
    expect(await used()).toEqual([1]);
    world.app.clock.advance(16_000);
    await look();
    const { error } = await island.until(id, 'its end', ({ status }) => status === 'failed');
    expect([error?.code, await used()]).toEqual(['outcome.unknown', [1]]);
  });
});
