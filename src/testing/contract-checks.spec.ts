import { describe, expect, it } from '@jest/globals';
import { contractChecks, skippedChecks } from './contract-checks.js';
import { INBOUND_MUTANTS } from './mutants-inbound.fixture.js';
import { OUTBOUND_MUTANTS } from './mutants-outbound.fixture.js';
import { PRESENCE_MUTANTS } from './mutants-presence.fixture.js';
import { withChannel } from './mutations.fixture.js';
import { parrot, subject } from './parrot.fixture.js';
import type { ContractSubject } from './subject.js';

const MUTANTS = [...INBOUND_MUTANTS, ...OUTBOUND_MUTANTS, ...PRESENCE_MUTANTS];

/** What a check says; undefined: it is content. */
async function saidBy(judged: ContractSubject, check: string): Promise<string | undefined> {
  const found = contractChecks(judged).find(({ name }) => name === `parrot: ${check}`);
  if (!found) throw new Error(`there is no check "${check}"`);
  return found.run().then(
    () => undefined,
    (error: Error) => error.message,
  );
}

describe('a sound channel', () => {
  for (const { name, run } of contractChecks(subject)) it(name, run);

  it('has nothing skipped', () => {
    expect(skippedChecks(subject)).toEqual([]);
  });
});

describe('the kit sees', () => {
  it.each(MUTANTS)('%s', async (_, check, words, broken) => {
    const said = await saidBy(broken, check);
    expect(said).toMatch(words);
    expect(said).toMatch(/\nTo do: .+\nMore: docs\/channels\.md#[a-z-]+$/);
  });

  it('a fault by each of its checks', () => {
    const killed = new Set(MUTANTS.map(([, check]) => `parrot: ${check}`));
    expect(contractChecks(subject).filter(({ name }) => !killed.has(name))).toEqual([]);
  });
});

describe('what a channel has not', () => {
  it('is listed with the capability that says so', () => {
    const { presence: _, ...outbound } = parrot.outbound;
    const bare = withChannel({
      outcomes: new Map(),
      outbound,
      capabilities: { ...parrot.capabilities, receipts: [], settles: 'none' },
    });
    expect(skippedChecks(bare)).toEqual([
      { name: 'parrot: declares outcomes that make sense', because: 'outcomes is empty' },
      { name: 'parrot: reaches every row of its outcome table', because: 'outcomes is empty' },
      { name: 'parrot: reads every receipt that it declares', because: 'capabilities.receipts is empty' },
      { name: 'parrot: lets the attempt travel, and come back', because: 'capabilities.settles is none' },
      { name: 'parrot: shows what it declares of presence, by a call each', because: 'outbound.presence is absent' },
      { name: 'parrot: says of presence what the network said', because: 'outbound.presence is absent' },
    ]);
  });
});
