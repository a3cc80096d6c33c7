import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CLASS_RANKS, type ClassRank } from '../message-class.js';
import { deal } from './deal.js';

interface Item {
  readonly class: ClassRank;
  readonly place: number;
}

const line = (rank: ClassRank, count: number): Item[] =>
  Array.from({ length: count }, (_, place) => ({ class: rank, place }));
const waitings = fc
  .tuple(fc.nat(60), fc.nat(60), fc.nat(60), fc.nat(60))
  .map(([a, b, c, d]) => ({ 0: line(0, a), 1: line(1, b), 2: line(2, c), 3: line(3, d) }));

describe('dealing slots', () => {
  it('gives each class its own order, and leaves nothing out for as long as there are slots', () => {
    fc.assert(
      fc.property(waitings, fc.nat(260), fc.nat(1_000), (waiting, count, turn) => {
        const dealt = deal(waiting, count, turn);
        const total = CLASS_RANKS.flatMap((rank) => waiting[rank]).length;
        expect(dealt).toHaveLength(Math.min(count, total));
        for (const rank of CLASS_RANKS) {
          const own = dealt.filter((item) => item.class === rank);
          expect(own).toEqual(waiting[rank].slice(0, own.length));
        }
      }),
    );
  });

  it('puts the best first, but for one slot in twenty, and that one never where only one class waits', () => {
    fc.assert(
      fc.property(waitings, fc.nat(1_000), (waiting, turn) => {
        const left = new Map(CLASS_RANKS.map((rank) => [rank, waiting[rank].length]));
        deal(waiting, 240, turn).forEach((item, index) => {
          const open = CLASS_RANKS.filter((rank) => (left.get(rank) ?? 0) > 0);
          const isTheirs = (turn + index + 1) % 20 === 0 && open.length > 1;
          expect(item.class === open[0]).toBe(!isTheirs);
          left.set(item.class, (left.get(item.class) ?? 0) - 1);
        });
      }),
    );
  });

  it('stops no class: each lower one is served in turn, also when slots are dealt one at a time', () => {
    const waiting = { 0: line(0, 500), 1: line(1, 5), 2: line(2, 5), 3: line(3, 5) };
    const dealt = Array.from({ length: 60 }, (_, turn) => deal(waiting, 1, turn)[0]?.class);
    expect(dealt.filter((rank) => rank !== 0).toSorted()).toEqual([1, 2, 3]);
  });
});
