import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { ROUNDS } from '../support/fault-stage.js';
import { EngineStage } from '../support/engine-stage.js';

/** FAULT_SEED repeats one round; else every round draws a new one, and says which. */
const { FAULT_SEED: GIVEN, FAULT_REPORT: FILE } = process.env;
const seeds = GIVEN ? [Number(GIVEN)] : Array.from({ length: ROUNDS }, () => randomBytes(4).readUInt32LE());

const CLEAN = { unfinished: [], lost: [], doubled: [], misordered: [], untrue: [], limits: [], unheard: [] };

describe('5,000 messages while workers, queue, database and network fail', () => {
  let stage: EngineStage | undefined;

  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it.each(seeds)(
    'seed %i: lost 0, doubled 0 but those that are owed, in order, within every limit',
    async (seed) => {
      stage = await EngineStage.open(seed);
      const unfinished = await stage.run().then(
        () => [],
        (error: unknown) => [String(error)],
      );
      const { owed, ...verdict } = await stage.verdict();
      const line = await stage.summary({ owed: owed.length });
      process.stderr.write(`faults: ${line}\n${owed.map((one) => `  owed: ${one}\n`).join('')}`);
      if (FILE) await appendFile(FILE, `${JSON.stringify({ line, unfinished, ...verdict, owed })}\n`);
      expect({ unfinished, ...verdict }).toEqual(CLEAN);
    },
    420_000,
  );
});
