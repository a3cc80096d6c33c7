import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { type Knobs, channelOf } from './engine/channel.js';
import { type Engine, openEngine } from './engine/engine.js';
import { Meta } from './engine/meta.js';
import { type Command, type Scenario, scenarios } from './engine/scenario.js';
import { ACCOUNTS, furnish, ledgerFaults, lineFaults } from './engine/tables.js';
import { World } from './engine/world.js';

/** How many random runs: `npm test -- --runs 1000` (or ENGINE_RUNS). One that failed is repeated with ENGINE_SEED. */
const RUNS = Number(process.env['ENGINE_RUNS'] ?? 20);
const SEED = process.env['ENGINE_SEED'];

const HOUR = 60 * 60_000;
/** The last message expires, the last place lapses, the last hold is over. */
const LONG_ENOUGH = 5 * 24 * HOUR;

const REASONS_TO_STAY = ['consent'];

jest.setTimeout(RUNS * 30_000);

describe('the delivery engine', () => {
  const knobs: Knobs = {
    wire: { take: () => ({ status: 'unsent', reason: 'no run' }) },
    policies: { windowUnknown: 'try', pairPace: 'lenient' },
  };
  let engine: Engine;
  let world: World;

  beforeAll(async () => {
    engine = await openEngine(channelOf(knobs), () => world);
  });

  async function play(scenario: Scenario): Promise<readonly string[]> {
    engine.clock.advance(30 * 24 * HOUR);
    let seed = 1;
    const random = jest
      .spyOn(Math, 'random')
      .mockImplementation(() => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647);
    try {
      const seeded = Math.min(scenario.seeded, scenario.limit);
      const ids = await furnish(engine, scenario.limit, seeded);
      const pace = Object.fromEntries(ACCOUNTS.map(({ address, throughput }) => [address, throughput]));
      const now = () => engine.clock.now().getTime();
      const meta = new Meta(now, scenario.answers, pace, scenario.limit, seeded, now());
      world = new World(engine, ids, meta);
      knobs.wire = meta;
      knobs.policies = {
        windowUnknown: 'try',
        pairPace: scenario.pairPace,
        ...(scenario.inDoubt && { inDoubt: scenario.inDoubt }),
      };
      const faults: string[] = [];
      for (const command of scenario.commands) {
        await obey(world, command);
        faults.push(...(await ledgerFaults(engine.database)), ...(await lineFaults(engine.database)));
      }
      await world.resume();
      await world.pass(12 * HOUR);
      meta.calm();
      await world.resume();
      await world.pass(LONG_ENOUGH);
      faults.push(
        ...(await ledgerFaults(engine.database)),
        ...(await lineFaults(engine.database)),
        ...(await leftovers()),
      );
      faults.push(...orderFaults(world, meta), ...meta.judgeEnd());
      faults.push(...world.forgotten.map((id) => `wake: ${id} could leave, and only the sweeper knew`));
      return faults;
    } finally {
      random.mockRestore();
    }
  }

  /** Whatever is still open after all this time must say why. */
  async function leftovers(): Promise<readonly string[]> {
    const rows = await engine.database.query<{
      message_id: string;
      state: string;
      held_reason: string | null;
      expires_at: Date | null;
    }>(
      `SELECT o.message_id, o.state, o.held_reason, o.expires_at FROM outbound o JOIN head h ON h.message_id = o.message_id`,
    );
    return rows
      .filter(
        ({ state, held_reason, expires_at }) =>
          state !== 'held' || expires_at || !REASONS_TO_STAY.includes(held_reason ?? ''),
      )
      .map(({ message_id, state, held_reason }) => `end: ${message_id} is still ${state} (${held_reason})`);
  }

  it('breaks no limit, keeps every line in order and brings every message to its end, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        expect(await play(scenario)).toEqual([]);
      }),
      {
        numRuns: RUNS,
        ...(SEED !== undefined && { seed: Number(SEED) }),
        ...(process.env['ENGINE_PATH'] !== undefined && { path: process.env['ENGINE_PATH'] }),
        interruptAfterTimeLimit: RUNS * 20_000,
        endOnFailure: process.env['ENGINE_SHRINK'] === undefined,
      },
    );
  });
});

async function obey(world: World, command: Command): Promise<void> {
  switch (command.do) {
    case 'accept':
      for (const wanted of command.wanted) await world.accept(wanted);
      return;
    case 'pass':
      return world.pass(command.ms);
    case 'inbound':
      for (let count = 0; count < command.count; count += 1) await world.inbound(command.account, command.person);
      return;
    case 'cancel':
      return world.cancel(command.index);
    case 'consent':
      return world.consent(command.person, command.state, command.topic);
    case 'pause':
      return world.pause(command.account, command.class, command.untilMs);
    case 'resume':
      return world.resume();
    case 'kill':
      return world.kill();
    case 'stall':
      return world.stall(command.ms);
    case 'foreign':
      return world.foreign(command.person);
  }
}

/** What one person gets of one class is accepted in the order in which it was taken; what had a time of its own stands apart. */
function orderFaults(world: World, meta: Meta): readonly string[] {
  const place = new Map(meta.firstAccepted().map((token, index) => [token, index]));
  const last = new Map<string, number>();
  return world.taken.flatMap(({ id, account, person, class: rank, sendMs }) => {
    const at = place.get(id);
    if (at === undefined || sendMs !== null) return [];
    const line = `${account}/${person}/${rank}`;
    const before = last.get(line) ?? -1;
    last.set(line, Math.max(before, at));
    return at < before ? [`order: ${id} overtook in ${line}`] : [];
  });
}
