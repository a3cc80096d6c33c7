import fc from 'fast-check';
import type { ClassRank } from '../../../src/delivery/message-class.js';
import type { Answer } from './meta.js';
import { PEOPLE } from './tables.js';
import type { Wanted } from './world.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export type Command =
  | { readonly do: 'accept'; readonly wanted: readonly Wanted[] }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'inbound'; readonly account: number; readonly person: number; readonly count: number }
  | { readonly do: 'cancel'; readonly index: number }
  | {
      readonly do: 'consent';
      readonly person: number;
      readonly state: 'in' | 'out';
      readonly topic: 'all' | 'marketing';
    }
  | {
      readonly do: 'pause';
      readonly account: number | null;
      readonly class: ClassRank | null;
      readonly untilMs: number | null;
    }
  | { readonly do: 'resume' | 'kill' }
  | { readonly do: 'stall'; readonly ms: number }
  | { readonly do: 'foreign'; readonly person: number };

export interface Scenario {
  readonly limit: number;
  readonly seeded: number;
  readonly pairPace: 'lenient' | 'strict';
  readonly inDoubt: 'resend' | 'fail' | undefined;
  readonly answers: readonly Answer[];
  readonly commands: readonly Command[];
}

const account = fc.integer({ min: 0, max: 1 });
const person = fc.integer({ min: 0, max: PEOPLE - 1 });
const rank = fc.constantFrom<ClassRank>(0, 1, 2, 3);
const oneIn = (n: number) => fc.integer({ min: 1, max: n }).map((drawn) => drawn === n);

const wanted: fc.Arbitrary<Wanted> = fc
  .record({
    account,
    person,
    class: rank,
    wantsTemplate: fc.boolean(),
    hasFallback: fc.boolean(),
    expiresMs: fc.option(fc.constantFrom(30 * SECOND, 10 * MINUTE, HOUR, 20 * HOUR, 50 * HOUR)),
    sendMs: fc.oneof(
      { weight: 12, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom(2 * SECOND, MINUTE, 3 * HOUR) },
    ),
  })
  .map(({ wantsTemplate, ...rest }) => ({
    ...rest,
    // Codes and marketing are templates by nature.
    isTemplate: wantsTemplate || rest.class === 0 || rest.class === 3,
  }))
  .map((one) => ({
    ...one,
    expiresMs: one.sendMs !== null && one.expiresMs !== null ? one.sendMs + one.expiresMs : one.expiresMs,
  }));

const pass = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 4, arbitrary: fc.integer({ min: SECOND, max: 12 * SECOND }) },
  { weight: 2, arbitrary: fc.integer({ min: MINUTE, max: 30 * MINUTE }) },
  { weight: 2, arbitrary: fc.integer({ min: HOUR, max: 13 * HOUR }) },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('accept' as const),
      wanted: fc.array(wanted, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: pass }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('inbound' as const),
      account,
      person,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), index: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('consent' as const),
      person,
      state: fc.constantFrom('in' as const, 'out' as const),
      topic: fc.constantFrom('all' as const, 'marketing' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pause' as const),
      account: fc.option(account),
      class: fc.option(rank),
      untilMs: fc.option(fc.constantFrom(5 * SECOND, HOUR)),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Command>({ do: 'resume' }, { do: 'kill' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stall' as const), ms: fc.constantFrom(30, 120, 700, 3_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('foreign' as const), person }) },
);

const deliverMs = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 50, max: 900 }) },
  { weight: 1, arbitrary: fc.integer({ min: MINUTE, max: 20 * HOUR }) },
);
/** One of each kind of consequence in the channel's table. */
const CODES = [131000, 131026, 131047, 131048, 131049, 131050, 131042, 130429, 131056, 132015, 131057, 190, 135000];

const answer: fc.Arbitrary<Answer> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('accept' as const), deliverMs, twice: oneIn(3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('accept' as const),
      deliverMs,
      lateFailure: fc.constantFrom(...CODES),
      twice: fc.constant(false),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refuse' as const), code: fc.constantFrom(...CODES) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lost' as const), arrived: fc.boolean(), deliverMs }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('lost' as const),
      arrived: fc.constant(true),
      // around the moment when it is sent again
      deliverMs: fc.integer({ min: 110 * SECOND, max: 130 * SECOND }),
      lateFailure: fc.constantFrom(...CODES),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Answer>({ kind: 'unsent' }) },
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  limit: fc.integer({ min: 2, max: 12 }),
  seeded: fc.integer({ min: 0, max: 2 }),
  pairPace: fc.constantFrom('lenient' as const, 'strict' as const),
  inDoubt: fc.constantFrom(undefined, 'resend' as const, 'fail' as const),
  // In the end everything can be sent.
  answers: fc
    .array(answer, { maxLength: 12 })
    .map((drawn) => [...drawn, { kind: 'accept', deliverMs: 90, twice: true }]),
  commands: fc.array(command, { minLength: 1, maxLength: 24, size: 'max' }),
});
