import { describe, expect, it } from '@jest/globals';
import { Slots, isFull, roomsAfter } from './slots.js';

describe('the hands of a dispatcher', () => {
  const [bot, slow, other] = ['bot', 'webhook:slow', 'webhook:other'] as const;
  const all = [bot, slow, other];
  const roomOf = (slots: Slots, subscriber: string) =>
    slots.rooms(all).find((room) => room.subscriber === subscriber)?.room;

  it('of a slow webhook fill up without taking any of the others’', () => {
    const slots = new Slots();
    const before = [roomOf(slots, bot), roomOf(slots, other)];
    for (let room = roomOf(slots, slow) ?? 0; room > 0; room -= 1) slots.take(slow);
    expect(roomOf(slots, slow)).toBeUndefined();
    expect([roomOf(slots, bot), roomOf(slots, other)]).toEqual(before);
  });

  it('say when somebody waited for one', () => {
    const slots = new Slots();
    slots.take(slow);
    slots.rooms(all);
    expect(slots.free(slow)).toBe(false);
    for (let taken = 0; taken < 64; taken += 1) slots.take(slow);
    slots.rooms(all);
    slots.take(other);
    expect(slots.free(other)).toBe(false);
    expect(slots.free(slow)).toBe(true);
    expect(slots.free(slow)).toBe(false);
  });

  it('are fewer each when there are many webhooks, and never none', () => {
    const many = (count: number) => ['bot', ...Array.from({ length: count }, (_, n) => `webhook:${n}`)];
    const one = (count: number) => new Slots().rooms(many(count)).at(-1)?.room;
    expect([one(1), one(32), one(10_000)]).toEqual([64, 16, 4]);
  });

  it('leave one for what goes alone, and know when there may be more', () => {
    const rooms = [
      { subscriber: bot, room: 2 },
      { subscriber: slow, room: 4 },
    ];
    const given = [{ subscriber: bot }, { subscriber: bot }, { subscriber: slow }];
    expect(roomsAfter(rooms, given).map(({ room }) => room)).toEqual([1, 3]);
    expect([isFull(rooms, given), isFull(rooms, given.slice(1))]).toEqual([true, false]);
  });
});
