import { describe, expect, it } from '@jest/globals';
import { isId, newId, timeOfId } from './ids.js';

describe('ids', () => {
  it('carry their time', () => {
    const at = new Date('2026-11-20T12:00:00.123Z');
    expect(timeOfId(newId(at))).toEqual(at);
  });

  it('grow within a process, also within one millisecond', () => {
    const at = new Date();
    const ids = Array.from({ length: 1000 }, () => newId(at));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1000);
  });

  it('tell what is not an id', () => {
    expect(isId('not-an-id')).toBe(false);
    expect(timeOfId('00000000-0000-4000-8000-000000000000')).toBeUndefined();
  });
});
