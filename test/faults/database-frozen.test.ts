import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { FaultStage } from '../support/fault-stage.js';

const CLEAN = { lost: [], doubled: [], misordered: [] };

/** Ten seconds for a statement, three for the answer; the rest is the machine's. */
const ANSWERS_WITHIN_MS = 25_000;

describe('PostgreSQL frozen: connections stay open, nobody answers', () => {
  let stage: FaultStage;
  let frozen: number[] = [];

  beforeAll(async () => {
    stage = await FaultStage.open({ metadata: { settle_seconds: '20' } });
  }, 240_000);

  afterAll(async () => {
    signal('SIGCONT');
    await stage.close();
  });

  function signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    for (const pid of frozen) {
      try {
        process.kill(pid, name);
      } catch {
        // a backend that has ended meanwhile
      }
    }
  }

  /** The postmaster first, so that it starts nobody else. */
  async function freeze(): Promise<void> {
    const postmaster = await stage.postmasterPid();
    frozen = [postmaster];
    signal('SIGSTOP');
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(postmaster)], { encoding: 'utf8' });
    frozen = [postmaster, ...children.trim().split(/\s+/).map(Number)];
    signal('SIGSTOP');
  }

  it('requests are answered 503 in time, and all goes on when it wakes up', async () => {
    const { ledger, patchbay, bot } = stage;
    await ledger.writeInOrder('16505580001');
    await bot.waitFor(() => bot.calls.length > 0);
    await freeze();
    const startedAt = Date.now();
    const asked = await Promise.all([
      patchbay.call('GET', '/gateways', {}, ANSWERS_WITHIN_MS),
      patchbay.call('GET', '/messages?limit=1', {}, ANSWERS_WITHIN_MS),
      patchbay.call(
        'POST',
        '/messages',
        { body: { gateway: stage.uri, to: '+16505580002', content: { type: 'text', text: 'hello' } } },
        ANSWERS_WITHIN_MS,
      ),
    ]);
    for (const { status, body } of asked)
      expect({ status, body }).toMatchObject({ status: 503, body: { code: 'database.unavailable' } });
    expect(Date.now() - startedAt).toBeLessThan(ANSWERS_WITHIN_MS);
    expect(await stage.failingParts()).toContain('database');
    signal('SIGCONT');
    await patchbay.waitUntilReady(30_000);
    const heard = bot.calls.length;
    await ledger.writeInOrder('16505580003');
    await bot.waitFor(() => bot.calls.length > heard, 30_000);
    await ledger.send(() => stage.patchbay, '16505580003');
    expect(await ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
    expect(await Promise.race([patchbay.exited, Promise.resolve('it still runs')])).toBe('it still runs');
  }, 240_000);
});
