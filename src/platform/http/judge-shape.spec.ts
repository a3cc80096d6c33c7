import { describe, expect, it } from '@jest/globals';
import { judgeShape } from './judge-shape.js';

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

describe('the shape of a body', () => {
  it('may be any ordinary JSON', () => {
    expect(judgeShape({ a: [1, { b: null }], c: 'x' })).toBeUndefined();
    expect(judgeShape(undefined)).toBeUndefined();
    expect(judgeShape(nested(64))).toBeUndefined();
  });

  it.each([
    ['nested too deeply', nested(65), 'depth.exceeded'],
    ['nested without end', nested(200_000), 'depth.exceeded'],
    ['too many items', Array.from({ length: 10_001 }, () => 1), 'size.exceeded'],
    ['too many fields', Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [n, n])), 'size.exceeded'],
    ['__proto__', JSON.parse('{"a":[{"__proto__":1}]}'), 'field.reserved'],
    ['constructor', { a: { constructor: null } }, 'field.reserved'],
  ])('must not have %s', (_what, value, code) => {
    const fault = judgeShape(value);
    expect(fault?.code).toBe(code);
    expect(fault?.path.length).toBeLessThanOrEqual(200);
  });

  it('names the place', () => {
    expect(judgeShape(JSON.parse('{"a":[{"__proto__":1}]}'))?.path).toBe('a[0].__proto__');
  });
});
