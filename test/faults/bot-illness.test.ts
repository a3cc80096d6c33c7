import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BotReply } from '../support/bot.js';
import { FaultStage } from '../support/fault-stage.js';

const CLEAN = { lost: [], doubled: [], misordered: [] };

describe('a bot that is ill', () => {
  let stage: FaultStage;
  let customers = 0;
  const customer = (): string => `1650562${String((customers += 1)).padStart(4, '0')}`;

  beforeAll(async () => {
    stage = await FaultStage.open({ bot: { timeoutSeconds: 1 }, metadata: { settle_seconds: '5' } });
  });

  afterAll(() => stage.close());

  /** Three messages each, of which the first meets the illness `times` times. */
  const write = async (times: number, ill: () => BotReply): Promise<void> => {
    const { ledger } = stage;
    const met = new Map<string, number>();
    ledger.illness = ({ event }) => {
      const count = met.get(event.id) ?? 0;
      met.set(event.id, count + 1);
      return event.message?.text?.endsWith('7') !== true && count < times ? ill() : undefined;
    };
    for (const phone of [customer(), customer(), customer()]) {
      for (let message = 0; message < 3; message += 1) await ledger.writeInOrder(phone);
    }
  };

  it('answers 500 for a while: in order, once', async () => {
    await write(2, () => ({ status: 500 }));
    expect(await stage.ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
  });

  it('hangs: in order, once', async () => {
    await write(1, () => ({ after: new Promise((resolve) => setTimeout(resolve, 1_500).unref()) }));
    expect(await stage.ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
  });

  it('cuts the connection: in order, once', async () => {
    await write(1, () => ({ drop: true }));
    expect(await stage.ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
  });

  it('is being called while the database restarts: in order, once', async () => {
    let called: () => void = () => undefined;
    const calls = new Promise<void>((resolve) => (called = resolve));
    const restarted = calls.then(async () => {
      process.kill(await stage.postmasterPid(), 'SIGKILL');
    });
    stage.ledger.illness = ({ event }) => {
      called();
      const text = event.message?.text ?? '';
      return { after: restarted, body: { replies: [{ type: 'text', text: `re: ${text}` }] } };
    };
    const phones = [customer(), customer(), customer()];
    for (const phone of phones) stage.ledger.write(phone);
    await restarted;
    stage.ledger.illness = () => undefined;
    for (const phone of phones) await stage.ledger.writeInOrder(phone);
    expect(await stage.ledger.settled(() => stage.patchbay)).toEqual(CLEAN);
  });
});
