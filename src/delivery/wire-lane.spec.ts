import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AUTHENTICATION, CLASS_RANKS, type ClassRank, MARKETING, REPLY } from './message-class.js';
import { WireLane, dueOf } from './wire-lane.js';

const NOW = Date.UTC(2026, 10, 20);

interface Message {
  readonly rank: ClassRank;
  readonly notBefore: number;
  /** when it comes to the lane */
  readonly addedAt: number;
}

interface Departure {
  readonly at: number;
  readonly message: Message;
  /** who was there and stayed */
  readonly stayed: readonly Message[];
}

/** Plays a lane millisecond by millisecond, but for the time in which the process stands still. */
function play(messages: readonly Message[], perSecond: number, standsStill: (at: number) => boolean = () => false) {
  const lane = new WireLane<Message>();
  const departures: Departure[] = [];
  const coming = messages.toSorted((a, b) => a.addedAt - b.addedAt);
  const there = new Set<Message>();
  for (let at = NOW; departures.length < messages.length && at < NOW + 120_000; at += 1) {
    if (standsStill(at)) continue;
    for (; coming[0] && coming[0].addedAt <= at; coming.shift()) {
      there.add(coming[0]);
      lane.add(coming[0], { ...coming[0], perSecond });
    }
    for (const message of lane.release(at)) {
      there.delete(message);
      departures.push({ at, message, stayed: [...there] });
    }
    expect(lane.nextAt(at) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(at);
  }
  return departures;
}

/** Slots as admission gives them: never faster than the pace, up to 120 ms ahead. */
const plans = fc
  .record({
    perSecond: fc.integer({ min: 5, max: 1_000 }),
    jobs: fc.array(fc.record({ rank: fc.constantFrom(...CLASS_RANKS), gap: fc.nat(20), ahead: fc.nat(120) }), {
      minLength: 1,
      maxLength: 60,
    }),
  })
  .map(({ perSecond, jobs }) => {
    let notBefore = NOW + 120;
    const messages = jobs.map(({ rank, gap, ahead }): Message => {
      notBefore += 1_000 / perSecond + gap;
      return { rank, notBefore, addedAt: notBefore - ahead };
    });
    return { perSecond, messages };
  });

describe('the wire lane of an account', () => {
  it('uses each slot at its moment while nothing stands still', () => {
    fc.assert(
      fc.property(plans, ({ perSecond, messages }) => {
        const departures = play(messages, perSecond);
        expect(new Set(departures.map(({ message }) => message)).size).toBe(messages.length);
        expect(departures.map(({ at }) => at)).toEqual(messages.map(({ notBefore }) => Math.ceil(notBefore)));
      }),
      { numRuns: 40 },
    );
  });

  it('lets whoever is most urgent leave first, of a class the oldest', () => {
    fc.assert(
      fc.property(plans, ({ perSecond, messages }) => {
        for (const { message, stayed } of play(messages, perSecond)) {
          expect(stayed.filter((other) => dueOf(other) < dueOf(message))).toEqual([]);
          expect(stayed.filter((other) => other.rank === message.rank && other.notBefore < message.notBefore)).toEqual(
            [],
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('lets a code that was admitted last leave first, and a promotion not wait for all the texts that come after it', () => {
    const at = (rank: ClassRank, ms: number, aheadMs = 100): Message => {
      const notBefore = NOW + 1_000 + ms;
      return { rank, notBefore, addedAt: notBefore - aheadMs };
    };
    const promotions = Array.from({ length: 10 }, (_, place) => at(MARKETING, place * 10));
    const code = at(AUTHENTICATION, 100, 100);
    expect(play([...promotions, code], 100)[0]?.message).toBe(code);

    const texts = Array.from({ length: 100 }, (_, place) => at(REPLY, 10 + place * 10));
    const promotion = at(MARKETING, 0);
    const left = play([promotion, ...texts], 100).find(({ message }) => message === promotion);
    expect((left?.at ?? 0) - promotion.notBefore).toBeLessThanOrEqual(250);
  });

  it('makes up for a stall a little above the pace, never all together', () => {
    const stalls = fc.record({ from: fc.nat(1_000), ms: fc.integer({ min: 1, max: 1_500 }) });
    fc.assert(
      fc.property(plans, stalls, ({ perSecond, messages }, { from, ms }) => {
        const departures = play(messages, perSecond, (at) => at >= NOW + from && at < NOW + from + ms);
        expect(departures.length).toBe(messages.length);
        departures.forEach(({ at }, place) => {
          expect(at).toBeGreaterThanOrEqual(messages[place]?.notBefore ?? Number.POSITIVE_INFINITY);
        });
        const rate = perSecond * 1.03;
        departures.forEach(({ at: began }, first) => {
          for (let last = first; last < departures.length; last += 1) {
            const most = (rate * ((departures[last]?.at ?? 0) - began)) / 1_000 + Math.max(1, rate * 0.03);
            expect(last - first + 1).toBeLessThanOrEqual(most + 1e-3);
          }
        });
      }),
      { numRuns: 40 },
    );
  });
});
