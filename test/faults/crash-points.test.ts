import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallFault } from '../../src/simulator/simulator.js';
import { FaultStage, ROUNDS } from '../support/fault-stage.js';
import { unknownOutcomes } from '../support/ledger.js';
import { type Answer, eventually } from '../support/patchbay.js';
import { WORLD } from '../support/stage.js';

/** The gate goes round once, and leaves out deaths that differ little from others: each costs two starts. */
const IS_BRIEF = ROUNDS === 1;
const CLEAN = { lost: [], doubled: [], misordered: [] };
interface Page {
  readonly items: readonly { readonly id: string; readonly metadata?: { readonly batch?: string } }[];
  readonly next: string | null;
}

const NONE = { resent: 0, failed: 0 };

/** One death by SIGKILL at a named moment, and a new start without it on the same data folder and port. */
async function dieAt(stage: FaultStage, point: string, trigger: () => void): Promise<void> {
  const armed = await stage.restart({ PATCHBAY_CRASH_POINT: point });
  trigger();
  expect(await armed.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await stage.start();
}

describe('death at a named moment', () => {
  let stage: FaultStage;
  let customers = 0;
  const customer = (): string => `1650556${String((customers += 1)).padStart(4, '0')}`;
  /** a fault on the next send of ours, and how many requests it met */
  const meet = (fault: CallFault) => stage.sim.faults.add({ match: { path: '/messages', times: 1 }, do: fault });

  beforeAll(async () => {
    stage = await FaultStage.open({ metadata: { settle_seconds: '2' } });
  });

  afterAll(() => stage.close());

  it.each(IS_BRIEF ? ['after-append'] : ['after-append', 'after-reply', 'after-bot-answer', 'before-claim'])(
    'at %s nothing is lost and nothing is doubled',
    async (point) => {
      const phone = customer();
      await dieAt(stage, point, () => void stage.ledger.write(phone));
      expect(await stage.ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
      expect(await unknownOutcomes(stage.patchbay)).toEqual(NONE);
    },
  );

  it('at after-claim it is in doubt, no receipt can come, and a reply is sent again: once', async () => {
    const phone = customer();
    await dieAt(stage, 'after-claim', () => void stage.ledger.write(phone));
    expect(await stage.ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
    expect(await unknownOutcomes(stage.patchbay)).toEqual({ resent: 1, failed: 0 });
  });

  it.each([
    ['after-wire', { delayMs: 1_000 }],
    ...(IS_BRIEF
      ? []
      : [
          ['after-answer', { drop: 'after' }],
          ['after-wire', { delayMs: 1_000, delayStatusesMs: 500 }],
          ['after-answer', {}],
          ['after-answer', { delayStatusesMs: 500 }],
        ]),
  ] as [string, CallFault][])(
    'at %s, taken by the network (%j), its receipt settles it: sent once, nothing unknown',
    async (point, fault) => {
      const phone = customer();
      await dieAt(stage, point, () => {
        if (Object.keys(fault).length > 0) meet(fault);
        stage.ledger.write(phone);
      });
      expect(await stage.ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
      expect(await unknownOutcomes(stage.patchbay)).toEqual(NONE);
    },
  );

  if (!IS_BRIEF)
    it('at after-answer, not taken by the network, a reply is sent again: once, and counted', async () => {
      const phone = customer();
      await dieAt(stage, 'after-answer', () => {
        meet({ drop: 'before' });
        stage.ledger.write(phone);
      });
      expect(await stage.ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
      expect(await unknownOutcomes(stage.patchbay)).toEqual({ resent: 1, failed: 0 });
    });

  it('in the middle of a batch, its repeat with the same key takes the rest, and nothing twice', async () => {
    const template = { type: 'template', name: 'follow_up', language: 'en_US' };
    const messages = Array.from({ length: 1_200 }, (_, index) => ({
      gateway: stage.uri,
      to: `+49151${String(10_000_000 + index)}`,
      content: template,
      metadata: { batch: 'died', index },
    }));
    const post = () =>
      stage.patchbay.call<{ items: { index: number; id: string }[] }>('POST', '/messages/batch', {
        body: { messages },
        headers: { 'idempotency-key': 'the-batch-that-died' },
      });
    const taken = async (): Promise<string[]> => {
      const ids: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body }: Answer<Page> = await stage.patchbay.call<Page>('GET', `/messages?limit=100${cursor}`);
        ids.push(...body.items.filter(({ metadata }) => metadata?.batch === 'died').map(({ id }) => id));
        cursor = body.next === null ? null : `&cursor=${body.next}`;
      }
      return ids.sort();
    };
    await dieAt(stage, 'after-batch-part', () => void post().catch(() => undefined));
    const before = await taken();
    expect(before).toHaveLength(500);
    const answer = await eventually('the key to be free again', async () => {
      const again = await post();
      return again.status === 202 && again.body;
    });
    const ids = answer.items.map(({ id }) => id).sort();
    expect(ids).toHaveLength(1_200);
    expect(await taken()).toEqual(ids);
    expect(ids).toEqual(expect.arrayContaining(before));
  });
});

type Case = [string, boolean, CallFault | undefined];

const UNKNOWN_FATES: readonly Case[] = IS_BRIEF
  ? [['after-answer', true, { drop: 'after', withholdStatuses: true }]]
  : [
      ['after-wire', true, { delayMs: 1_000, withholdStatuses: true }],
      ['after-answer', true, { withholdStatuses: true }],
      ['after-answer', true, { drop: 'after', withholdStatuses: true }],
      ['after-answer', false, { drop: 'before' }],
      ['after-claim', false, undefined],
    ];

describe.each(IS_BRIEF ? ['fail'] : ['resend', 'fail'])('death while nobody knows, with the policy %s', (policy) => {
  let stage: FaultStage;
  let customers = 0;
  const customer = (): string => `1650557${String((customers += 1)).padStart(4, '0')}`;

  beforeAll(async () => {
    stage = await FaultStage.open({ metadata: { settle_seconds: '1', in_doubt: policy } });
  });

  afterAll(() => stage.close());

  it.each(UNKNOWN_FATES)(
    'at %s, taken by the network: %s (%j): counted, visible, and put right by a late receipt',
    async (point, taken, fault) => {
      const phone = customer();
      const { sim, bot } = stage;
      bot.answer = () => undefined;
      sim.customer(phone).write(WORLD.phoneNumberId, 'opens the window');
      await bot.waitFor(({ message }) => message?.text === 'opens the window');
      let sent: Promise<string> | undefined;
      await dieAt(stage, point, () => {
        if (fault) sim.faults.add({ match: { path: '/messages', times: 1 }, do: fault });
        sent = stage.ledger.send(() => stage.patchbay, phone);
      });
      const id = await (sent as unknown as Promise<string>);
      const wanted = policy === 'resend' ? { resent: 1, failed: 0 } : { resent: 0, failed: 1 };
      await eventually('the doubt to be decided', async () => {
        const { resent, failed } = await unknownOutcomes(stage.patchbay);
        return resent + failed > 0;
      });
      expect(await unknownOutcomes(stage.patchbay)).toEqual(wanted);
      const message = await eventually('the message to settle', async () => {
        const { body } = await stage.patchbay.call('GET', `/messages/${id}`);
        return ['failed', 'delivered'].includes(body['status'] as string) && body;
      });
      const reached = sim.customer(phone).received.length;
      if (policy === 'resend') {
        // The one doubled message that the promise allows, and it is counted.
        expect(message).toMatchObject({ status: 'delivered' });
        expect(reached).toBe(taken ? 2 : 1);
        return;
      }
      expect(message).toMatchObject({ status: 'failed', error: { code: 'outcome.unknown' } });
      expect(reached).toBe(taken ? 1 : 0);
      if (!taken) return;
      sim.releaseStatuses();
      await eventually('the late receipt to overrule', async () => {
        const { body } = await stage.patchbay.call('GET', `/messages/${id}`);
        return body['status'] === 'delivered' && body['error'] === undefined;
      });
    },
  );
});
