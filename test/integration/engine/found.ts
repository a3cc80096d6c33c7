import type { ClassRank } from '../../../src/delivery/message-class.js';
import type { Answer } from './meta.js';
import type { Command, Scenario } from './scenario.js';
import type { Wanted } from './world.js';

const SECOND = 1_000;
const HOUR = 60 * 60 * SECOND;

const accepted: Answer = { kind: 'accept', deliverMs: 100, twice: false };

function template(account: number, person: number, rank: ClassRank, more: Partial<Wanted> = {}): Wanted {
  const base = { isTemplate: true, hasFallback: false, expiresMs: null, sendMs: null };
  return { account, person, class: rank, ...base, ...more };
}

const accept = (...wanted: Wanted[]): Command => ({ do: 'accept', wanted });
const pass = (ms: number): Command => ({ do: 'pass', ms });

function scene(limit: number, commands: readonly Command[], answers: readonly Answer[] = [accepted]): Scenario {
  return { limit, seeded: 0, pairPace: 'lenient', inDoubt: undefined, answers, commands };
}

/** What random runs, and reviewers, have found: each was broken once. */
export const FOUND: readonly (readonly [what: string, scenario: Scenario])[] = [
  [
    'a person counts for a day from the delivery, however late that is',
    scene(
      1,
      [accept(template(0, 0, 2)), pass(25 * HOUR), accept(template(0, 1, 2)), pass(20 * HOUR)],
      [{ ...accepted, deliverMs: 20 * HOUR }, accepted],
    ),
  ],
  [
    'a full limit holds nobody who was opened already',
    scene(1, [
      accept(template(0, 0, 2)),
      pass(10 * SECOND),
      accept(template(0, 0, 3), template(1, 0, 2)),
      pass(10 * SECOND),
    ]),
  ],
  [
    'marketing that the limit held goes, unasked, when a better message to the same person takes a place',
    {
      ...scene(10, [
        accept(template(1, 0, 3), template(0, 0, 3)),
        pass(3 * SECOND),
        accept(template(0, 0, 2)),
        pass(3 * SECOND),
      ]),
      seeded: 8,
    },
  ],
  [
    'who is behind the one that got the last place is told so at once',
    scene(1, [accept(template(1, 0, 1), template(1, 1, 1)), pass(3 * SECOND)]),
  ],
  [
    'a refusal that holds other classes is not met again at once, for ever',
    scene(
      5,
      [accept(template(1, 0, 2), template(1, 1, 1)), pass(10 * SECOND)],
      Array.from({ length: 20 }, (): Answer => ({ kind: 'refuse', code: 131048 })),
    ),
  ],
  [
    'what was never heard of again keeps its place: its receipt may still come',
    scene(
      1,
      [accept(template(0, 0, 2)), pass(200 * SECOND), accept(template(0, 1, 2)), pass(HOUR)],
      [{ kind: 'lost', arrived: true, deliverMs: 600 * SECOND }, accepted],
    ),
  ],
  [
    'an attempt that failed late does not start the fallback of one that is on its way again',
    {
      ...scene(
        5,
        [accept(template(0, 0, 1, { hasFallback: true })), pass(HOUR)],
        [
          { kind: 'lost', arrived: true, deliverMs: 120 * SECOND + 50, lateFailure: 131047 },
          { kind: 'unsent' },
          accepted,
        ],
      ),
      inDoubt: 'resend',
    },
  ],
  [
    'what expires while it waits to be sent again keeps its place: the first attempt may have arrived',
    {
      ...scene(
        1,
        [
          accept(template(0, 0, 2, { expiresMs: 30 * SECOND })),
          pass(200 * SECOND),
          accept(template(0, 1, 2)),
          pass(HOUR),
        ],
        [{ kind: 'lost', arrived: true, deliverMs: 600 * SECOND }, accepted],
      ),
      inDoubt: 'resend',
    },
  ],
];
