import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultStage, Load, ROUNDS, report } from '../support/fault-stage.js';

const CLEAN = { lost: [], doubled: [], misordered: [] };
const CUSTOMERS = 8;

/** Every test has people of its own: what one was sent counts for minutes. */
let people = 0;

describe('PostgreSQL killed -9 under load', () => {
  let stage: FaultStage;

  beforeAll(async () => {
    stage = await FaultStage.open({ metadata: { settle_seconds: '20' } });
  });

  afterAll(() => stage.close());

  it('the process stays up, says so, goes on by itself, and loses and doubles nothing', async () => {
    const { ledger, patchbay } = stage;
    const phone = (worker: number): string => `1650557${String(worker).padStart(4, '0')}`;
    const from = (people += 100);
    const customers = new Load(CUSTOMERS, 150, (worker) => ledger.writeInOrder(phone(from + worker)));
    const applications = new Load(4, 150, (worker) => ledger.send(() => stage.patchbay, phone(from + worker)));
    await stage.bot.waitFor(() => stage.bot.calls.length > 20);
    for (let round = 0; round < ROUNDS * 2; round += 1) {
      const pid = await stage.postmasterPid();
      const failing = stage.untilFailing('database');
      process.kill(pid, 'SIGKILL');
      const killedAt = Date.now();
      await failing;
      await patchbay.waitUntilReady(30_000);
      const ready = Date.now() - killedAt;
      expect(await stage.postmasterPid()).not.toBe(pid);
      const heard = stage.bot.calls.length;
      await stage.bot.waitFor(() => stage.bot.calls.length > heard + 50, 20_000);
      report('PostgreSQL killed -9', stage.ledger, { ready, resumed: Date.now() - killedAt });
    }
    await customers.stop();
    await applications.stop();
    expect(await ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
    expect(ledger.size.written).toBeGreaterThan(50);
    expect(await Promise.race([patchbay.exited, Promise.resolve('it still runs')])).toBe('it still runs');
  });
});
