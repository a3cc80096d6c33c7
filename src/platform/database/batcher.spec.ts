import { describe, expect, it, jest } from '@jest/globals';
import { Batcher } from './batcher.js';

const always = (): boolean => true;

describe('Batcher', () => {
  it('lets callers of one turn share a batch, and gives each its own result', async () => {
    const batches: number[][] = [];
    const batcher = new Batcher<number, number>(
      async (items) => {
        batches.push([...items]);
        return items.map((item) => item * 10);
      },
      { maxItems: 100, concurrency: 1 },
      always,
    );
    expect(await Promise.all([1, 2, 3].map((item) => batcher.submit(item)))).toEqual([10, 20, 30]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('keeps within count and bytes, but never starves a large item', async () => {
    const batches: number[][] = [];
    const batcher = new Batcher<number, number>(
      async (items) => {
        batches.push([...items]);
        return items;
      },
      { maxItems: 3, maxBytes: 10, sizeOf: (item) => item, concurrency: 1 },
      always,
    );
    await Promise.all([4, 4, 4, 50, 1, 1, 1, 1].map((item) => batcher.submit(item)));
    expect(batches).toEqual([[4, 4], [4], [50], [1, 1, 1], [1]]);
  });

  it('rests between batches, but not before a lone caller and not before a full batch', async () => {
    jest.useFakeTimers({ now: 1_000 });
    try {
      const batches: { at: number; items: readonly number[] }[] = [];
      const batcher = new Batcher<number, number>(
        async (items) => {
          batches.push({ at: Date.now() - 1_000, items });
          return items;
        },
        { maxItems: 3, concurrency: 2, restMs: 10 },
        always,
      );
      const comes = async (item: number, waitMs: number): Promise<void> => {
        void batcher.submit(item);
        await jest.advanceTimersByTimeAsync(waitMs);
      };
      await comes(1, 2);
      await comes(2, 2);
      await comes(3, 20);
      for (const item of [4, 5, 6]) await comes(item, 1);
      for (const item of [7, 8, 9]) await comes(item, 0);
      await jest.advanceTimersByTimeAsync(100);
      expect(batches).toEqual([
        { at: 0, items: [1] },
        { at: 10, items: [2, 3] },
        { at: 24, items: [4] },
        { at: 27, items: [5, 6, 7] },
        { at: 34, items: [8, 9] },
      ]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('halves a batch that fails until the bad item stands alone', async () => {
    const batcher = new Batcher<number, number>(
      async (items) => {
        if (items.includes(5)) throw new Error('bad item');
        return items;
      },
      { maxItems: 100, concurrency: 1 },
      always,
    );
    const results = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map((item) => batcher.submit(item)));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it('does not split what is no item’s fault', async () => {
    let calls = 0;
    const batcher = new Batcher<number, number>(
      async () => {
        calls += 1;
        throw new Error('connection lost');
      },
      { maxItems: 100, concurrency: 1 },
      () => false,
    );
    const results = await Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(calls).toBe(1);
  });
});
