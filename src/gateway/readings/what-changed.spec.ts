import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../contract/index.js';
import { whatChanged } from './what-changed.js';

describe('what a reading changes', () => {
  it.each<[string, JsonObject, JsonObject, readonly object[]]>([
    ['nothing', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, []],
    [
      'a value',
      { status: 'PENDING' },
      { status: 'CONNECTED' },
      [{ field: 'status', from: 'PENDING', to: 'CONNECTED' }],
    ],
    ['something new', {}, { mode: 'LIVE' }, [{ field: 'mode', from: null, to: 'LIVE' }]],
    ['what is left out', { mode: 'LIVE' }, {}, []],
    ['what is null already', {}, { mode: null }, []],
    ['the order of members', { h: { x: 1, y: 2 } }, { h: { y: 2, x: 1 } }, []],
    ['something within', { h: { x: 1 } }, { h: { x: 2 } }, [{ field: 'h', from: { x: 1 }, to: { x: 2 } }]],
    ['a name of every object', {}, { constructor: 'x' }, [{ field: 'constructor', from: null, to: 'x' }]],
  ])('%s', (_what, known, read, expected) => {
    expect(whatChanged(known, read)).toEqual(expected);
  });
});
