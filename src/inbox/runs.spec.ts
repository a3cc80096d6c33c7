import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Item } from './normalize.js';
import { inRuns } from './runs.js';

type Kind = 'message' | 'move' | 'echo' | 'receipt' | 'closed';

const item = (kind: Kind, id: string): Item => {
  const type = kind === 'move' ? 'message' : kind;
  return { event: { type, ...(kind === 'move' && { moved: {} }) }, source: { id } } as unknown as Item;
};

describe('the runs of a batch', () => {
  it('are one where nothing calls for more', () => {
    const items = [item('message', '1'), item('receipt', '2')];
    expect(inRuns(items, ['1', '2', '3'])).toEqual([{ items, finished: ['1', '2', '3'] }]);
    expect(inRuns([], ['1'])).toEqual([{ items: [], finished: ['1'] }]);
  });

  it('leave a move alone, and echoes among themselves', () => {
    const kinds: Kind[] = ['message', 'move', 'move', 'receipt', 'echo', 'echo', 'message'];
    const items = kinds.map((kind, at) => item(kind, String(at)));
    expect(inRuns(items, []).map((run) => run.items.length)).toEqual([1, 1, 1, 1, 2, 1]);
  });

  it('end a conversation before what is said next', () => {
    const kinds: Kind[] = ['message', 'closed', 'closed', 'message'];
    const items = kinds.map((kind, at) => item(kind, String(at)));
    expect(inRuns(items, []).map((run) => run.items.length)).toEqual([1, 2, 1]);
  });

  it('have nothing behind a word with which a customer ends their dialog', () => {
    const gateway = { settings: { close_words: '/close' } };
    const said = (text: string, id: string): Item =>
      ({ event: { type: 'message', content: { type: 'text', text } }, gateway, source: { id } }) as unknown as Item;
    const items = [said('hi', '0'), said('/close', '1'), said('again', '2'), said('close', '3')];
    expect(inRuns(items, []).map((run) => run.items.length)).toEqual([2, 2]);
  });

  it('keep every item in its place, and finish each event once, with its last item', () => {
    const kind = fc.constantFrom<Kind>('message', 'move', 'echo', 'receipt', 'closed');
    fc.assert(
      fc.property(fc.array(fc.tuple(kind, fc.nat(6))), (drawn) => {
        const items = drawn.map(([of, id]) => item(of, String(id)));
        const events = ['0', '1', '2', '3', '4', '5', '6'];
        const runs = inRuns(items, events);
        expect(runs.flatMap((run) => run.items)).toEqual(items);
        expect(runs.flatMap(({ finished }) => finished).toSorted()).toEqual(events);
        runs.forEach(({ finished }, place) => {
          const later = runs.slice(place + 1).flatMap((run) => run.items.map(({ source }) => source.id));
          expect(finished.filter((id) => later.includes(id))).toEqual([]);
        });
      }),
    );
  });
});
