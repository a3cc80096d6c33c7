import { describe, expect, it } from '@jest/globals';
import { Clock, Timers } from './clock.js';

describe('Clock', () => {
  it('stamps unix seconds and can be moved', () => {
    const clock = new Clock(() => 1_749_416_383_999);
    expect(clock.stamp()).toBe('1749416383');
    clock.advance(1);
    expect(clock.stamp()).toBe('1749416384');
  });
});

describe('Timers', () => {
  const live = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

  it('tells what was waited for that it was cleared, and leaves no timer', async () => {
    const before = live();
    const timers = new Timers();
    const waits = [timers.wait(60_000), timers.wait(70_000)];
    expect(live()).toBe(before + 2);
    timers.close();
    expect(await Promise.all(waits)).toEqual([false, false]);
    expect([live(), timers.size]).toEqual([before, 0]);
  });

  it('keeps the order of what is due together, and clears what one of them clears', async () => {
    const timers = new Timers();
    const told: string[] = [];
    const add = (name: string, action: () => void = () => undefined): void =>
      timers.after(
        5,
        () => {
          told.push(name);
          action();
        },
        () => told.push(`${name} cleared`),
      );
    add('a');
    add('b', () => timers.clear());
    add('c');
    timers.after(
      50,
      () => undefined,
      () => told.push('later cleared'),
    );
    expect(timers.size).toBe(4);
    while (told.length < 4) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(told.toSorted()).toEqual(['a', 'b', 'c cleared', 'later cleared']);
    expect(told.slice(0, 2)).toEqual(['a', 'b']);
    expect(timers.size).toBe(0);
  });

  it('starts nothing any more once it is closed', async () => {
    const timers = new Timers();
    timers.close();
    expect(await timers.wait(0)).toBe(false);
  });

  it('can be used again after a mere clear', async () => {
    const timers = new Timers();
    timers.clear();
    expect(await timers.wait(0)).toBe(true);
  });
});
