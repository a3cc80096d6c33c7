import type { Random } from '../../src/simulator/random.js';
import type { FaultInput } from '../../src/simulator/simulator.js';
import type { SimulatorProcess } from './simulator-process.js';

const SENDS = { path: '/messages' } as const;

/** What the network does wrong, each kind for some seconds, at moments that the seed draws. */
const STORMS: readonly { name: string; lastsMs: number; fault: FaultInput }[] = [
  { name: 'dropped before', lastsMs: 6_000, fault: { match: { ...SENDS, probability: 0.05 }, do: { drop: 'before' } } },
  { name: 'dropped after', lastsMs: 6_000, fault: { match: { ...SENDS, probability: 0.1 }, do: { drop: 'after' } } },
  {
    name: 'dropped after, no statuses',
    lastsMs: 6_000,
    fault: { match: { ...SENDS, probability: 0.03 }, do: { drop: 'after', withholdStatuses: true } },
  },
  {
    name: '500 with a body',
    lastsMs: 4_000,
    fault: { match: { ...SENDS, probability: 0.5 }, do: { status: 500, error: { code: 131_000 } } },
  },
  { name: '503', lastsMs: 3_000, fault: { match: SENDS, do: { status: 503 } } },
  {
    name: '502 without a body',
    lastsMs: 4_000,
    fault: { match: { ...SENDS, probability: 0.1 }, do: { status: 502, bodyless: true } },
  },
  { name: '429', lastsMs: 3_000, fault: { match: SENDS, do: { status: 429, error: { code: 130_429 } } } },
  {
    name: '429 for some',
    lastsMs: 5_000,
    fault: { match: { ...SENDS, probability: 0.3 }, do: { status: 429, error: { code: 130_429 } } },
  },
  { name: 'slow', lastsMs: 5_000, fault: { match: { ...SENDS, probability: 0.2 }, do: { delayMs: 1_500 } } },
  {
    name: 'late statuses',
    lastsMs: 10_000,
    fault: { match: { ...SENDS, probability: 0.3 }, do: { delayStatusesMs: 4_000 } },
  },
  {
    name: 'statuses before the answer',
    lastsMs: 10_000,
    fault: { match: { ...SENDS, probability: 0.2 }, do: { statusBeforeAnswer: true } },
  },
  {
    name: 'duplicated',
    lastsMs: 15_000,
    fault: { match: { field: 'messages', probability: 0.3 }, do: { duplicate: 2 } },
  },
  {
    name: 'reordered',
    lastsMs: 15_000,
    fault: { match: { field: 'messages', update: 'status', probability: 0.3 }, do: { reorder: 5 } },
  },
];

export interface Moment {
  readonly atMs: number;
  readonly name: string;
  readonly act: () => unknown;
}

/** When what happens, within `overMs` from now; each storm comes twice. */
export function planStorms(sim: SimulatorProcess, random: Random, overMs: number): Moment[] {
  const dice = random.fork('storms');
  return [...STORMS, ...STORMS].map(({ name, lastsMs, fault }) => ({
    atMs: dice.next() * overMs,
    name,
    act: () => sim.addFault({ ...fault, match: { ...fault.match, forMs: lastsMs } }),
  }));
}
