import { describe, expect, it } from '@jest/globals';
import { PreparedStatements, StatementNames } from './prepared-statements.js';

describe('StatementNames', () => {
  function useOften(names: StatementNames, text: string, everyMs: number, times = 16): string {
    let name = '';
    for (let use = 0; use < times; use += 1) name = names.nameOf(text, use * everyMs);
    return name;
  }

  it('names what recurs often within a short time, and keeps to it', () => {
    const names = new StatementNames();
    expect(useOften(names, 'a', 10, 15)).toBe('');
    expect(names.nameOf('a', 150)).toBe('s0');
    expect(names.nameOf('a', 1e9)).toBe('s0');
    expect(useOften(names, 'b', 10)).toBe('s1');
  });

  it('names nothing that is said now and then', () => {
    expect(useOften(new StatementNames(), 'a', 1_000, 200)).toBe('');
  });

  it('is not filled by texts that never come back', () => {
    const names = new StatementNames();
    for (let index = 0; index < 5_000; index += 1) names.nameOf(`once ${index}`, 0);
    expect(useOften(names, 'a', 10)).toBe('s0');
  });
});

describe('PreparedStatements', () => {
  it('keeps a plan as long as its connection was old, from a second to a minute', () => {
    const statements = new PreparedStatements(1_000);
    const lifeOf = (now: number): number => {
      statements.keep('s', undefined, now);
      let life = 0;
      while (statements.find('s', now + life)) life += 500;
      return life;
    };
    expect(lifeOf(1_100)).toBe(1_000);
    expect(lifeOf(21_000)).toBe(20_000);
    expect(lifeOf(1_000_000)).toBe(60_000);
  });

  it('forgets', () => {
    const statements = new PreparedStatements(0);
    statements.keep('s', undefined, 0);
    statements.forget('s');
    expect(statements.find('s', 1)).toBeUndefined();
  });
});
