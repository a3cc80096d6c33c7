import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RESTED } from './pair-pace.js';
import { FREE_FORM, NATIVE, TEMPLATE, type ClassRank, type MessageKind } from '../message-class.js';
import { type Turn, judgeTurn, obstaclesOf } from './judge-turn.js';
import { type TurnFacts, turnOf } from './turn-of.js';

const NOW = new Date('2026-11-20T12:00:00Z');
const DAY = 24 * 60 * 60_000;
const at = (ms: number): Date => new Date(NOW.getTime() + ms);
const held = fc.constant({ reason: 'account' as const, detail: 'no' });

const turns: fc.Arbitrary<Turn> = fc
  .record({
    class: fc.constantFrom<ClassRank>(0, 1, 2, 3),
    kind: fc.constantFrom<MessageKind>(FREE_FORM, TEMPLATE, NATIVE),
    hasFallback: fc.boolean(),
    window: fc.record({ state: fc.constantFrom('open' as const, 'closed' as const, 'unknown' as const) }),
    triesUnknown: fc.boolean(),
    obstacle: fc.option(held, { nil: undefined }),
    consent: fc.option(fc.constant('no'), { nil: undefined }),
    template: fc.option(held, { nil: undefined }),
    threadHold: fc.option(
      fc
        .integer({ min: -5_000, max: 5_000 })
        .map((ms) => ({ reason: 'retry' as const, detail: 'later', until: at(ms) })),
      { nil: undefined },
    ),
    pairFreeAt: fc.integer({ min: -5_000, max: 5_000 }).map(at),
    tier: fc.constantFrom('uncounted' as const, 'has-place' as const, 'free' as const, 'full' as const),
  })
  .map(({ obstacle, consent, template, threadHold, ...turn }) => ({
    ...turn,
    ...(obstacle && { obstacle }),
    ...(consent !== undefined && { consent }),
    ...(template && { template }),
    ...(threadHold && { threadHold }),
  }));

describe('the judge of a turn', () => {
  it('lets a message go exactly when nothing speaks against it', () => {
    fc.assert(
      fc.property(turns, (turn) => {
        const windowForbids =
          turn.kind === FREE_FORM &&
          (turn.window.state === 'closed' || (turn.window.state === 'unknown' && !turn.triesUnknown));
        const mayGo =
          !turn.obstacle &&
          !windowForbids &&
          turn.consent === undefined &&
          !turn.template &&
          !(turn.threadHold && turn.threadHold.until > NOW) &&
          turn.pairFreeAt <= NOW &&
          turn.tier !== 'full';
        expect(judgeTurn(turn, NOW).do === 'send').toBe(mayGo);
        expect(obstaclesOf(turn, NOW).length === 0).toBe(mayGo);
      }),
    );
  });

  it('holds with a reason, and until a time that is to come or for a cause that something ends', () => {
    fc.assert(
      fc.property(turns, (turn) => {
        const verdict = judgeTurn(turn, NOW);
        if (verdict.do !== 'hold') return;
        expect(verdict.held.detail).not.toBe('');
        if (verdict.until) expect(verdict.until > NOW).toBe(true);
        else expect(['account', 'consent', 'tier']).toContain(verdict.held.reason);
      }),
    );
  });

  it('counts a person only where the message opens one', () => {
    fc.assert(
      fc.property(turns, (turn) => {
        const verdict = judgeTurn(turn, NOW);
        if (verdict.do === 'send') expect(verdict.opens).toBe(turn.tier !== 'uncounted');
      }),
    );
  });
});

describe('what is known of a turn', () => {
  const facts: TurnFacts = {
    message: {
      class: 3,
      kind: TEMPLATE,
      part: 'content',
      hasFallback: false,
      lastInboundAt: null,
      threadHold: null,
      isGroup: false,
    },
    connectedSince: null,
    limits: {
      throughput: 80,
      countsInbound: true,
      pair: { everyMs: 6_000, burst: 45, strict: false },
      portfolioId: 'p',
      windowMs: DAY,
      triesUnknown: true,
    },
    pair: null,
    hasPlace: false,
    tier: { limit: 250, used: 0, usedAuthentication: 0, usedUtility: 0 },
  };
  const wrote = (ms: number): TurnFacts => ({ ...facts, message: { ...facts.message, lastInboundAt: at(ms) } });

  it.each<[string, TurnFacts, Turn['tier']]>([
    ['nobody is opened who wrote within a day', wrote(1 - DAY), 'uncounted'],
    ['who wrote a day ago is opened', wrote(-DAY), 'free'],
    ['who may have written is opened', facts, 'free'],
    ['who has a place needs no other', { ...facts, hasPlace: true, tier: { ...facts.tier!, used: 250 } }, 'has-place'],
    ['marketing stops at 200', { ...facts, tier: { ...facts.tier!, used: 200 } }, 'full'],
    ['a network without such a limit counts nobody', { ...facts, tier: undefined }, 'uncounted'],
  ])('%s', (_, given, tier) => {
    expect(turnOf(given, NOW).tier).toBe(tier);
  });

  it('has no pace to keep where the network names none, and nothing to repay where nothing was sent', () => {
    expect(turnOf(facts, NOW).pairFreeAt <= NOW).toBe(true);
    const busy = { ...facts, pair: { ...RESTED, tat: NOW.getTime() + 60 * 6_000 } };
    expect(turnOf(busy, NOW).pairFreeAt).toEqual(at(16 * 6_000));
    expect(turnOf({ ...busy, limits: { ...facts.limits, pair: null } }, NOW).pairFreeAt).toEqual(NOW);
  });

  it('has a pace of its own with several people, where the network has one', () => {
    const pair = { everyMs: 1_000, burst: 1, strict: false, group: { everyMs: 3_000, burst: 1, strict: false } };
    const busy = { ...facts, pair: { ...RESTED, tat: NOW.getTime() + 3_000 }, limits: { ...facts.limits, pair } };
    const freeAt = (tat: number, isGroup: boolean) =>
      turnOf(
        { ...busy, pair: { ...RESTED, tat: NOW.getTime() + tat }, message: { ...facts.message, isGroup } },
        NOW,
      ).pairFreeAt.getTime() - NOW.getTime();
    expect([freeAt(1_000, false), freeAt(3_000, true)]).toEqual([1_000, 3_000]);
    const burst = { ...pair, burst: 3 };
    const lenient = turnOf({ ...busy, limits: { ...facts.limits, pair: burst } }, NOW).pairFreeAt;
    expect(lenient).toEqual(at(1_000));
  });

  it('falls back once: a fallback has none', () => {
    const message = { ...facts.message, hasFallback: true };
    expect(turnOf({ ...facts, message }, NOW).hasFallback).toBe(true);
    expect(turnOf({ ...facts, message: { ...message, part: 'fallback' } }, NOW).hasFallback).toBe(false);
  });
});
