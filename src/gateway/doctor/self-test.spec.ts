import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../platform/clock/clock.js';
import { Cipher } from '../../platform/secrets/cipher.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { SelfTest } from './self-test.js';

const KEY = Buffer.alloc(32, 1);
const OURS = { id: 'g1' } as LoadedGateway;
const OTHER = { id: 'g2' } as LoadedGateway;

function open(...keys: Buffer[]) {
  const clock = new ManualClock();
  return { clock, test: new SelfTest(new Cipher(keys.length > 0 ? keys : [KEY]), clock) };
}

describe('a self-test', () => {
  it('is recognised by its own gateway, and answered so that only this installation can', () => {
    const { test } = open();
    const mark = test.mark('g1');
    expect(test.recognise([OTHER, OURS], mark)).toBe(OURS);
    expect(test.recognise([OTHER], mark)).toBeUndefined();
    expect(test.verdictOf(mark, test.answer(mark, 'forged'))).toBe('forged');
  });

  it('is answered by a process that encrypts with another of our keys', () => {
    const { test } = open();
    const { test: rotated } = open(Buffer.alloc(32, 2), KEY);
    const mark = test.mark('g1');
    expect(rotated.recognise([OURS], mark)).toBe(OURS);
  });

  it.each(['', 'x', 'a.b.c', '..', `${'1'.repeat(300)}`])('is not %j', (mark) => {
    expect(open().test.recognise([OURS], mark)).toBeUndefined();
  });

  it('of another installation, or of a while ago, is none', () => {
    const { test, clock } = open();
    expect(test.recognise([OURS], open(Buffer.alloc(32, 9)).test.mark('g1'))).toBeUndefined();
    const mark = test.mark('g1');
    clock.advance(60_001);
    expect(test.recognise([OURS], mark)).toBeUndefined();
  });

  it.each([
    '',
    '{}',
    'null',
    '[]',
    '<html>',
    '{"selfTest":"ok"}',
    '{"selfTest":"ok","proof":"x"}',
    '{"selfTest":1,"proof":2}',
  ])('is not answered by %s', (answer) => {
    const { test } = open();
    expect(test.verdictOf(test.mark('g1'), answer)).toBeUndefined();
  });

  it('is not answered by the answer to another one', () => {
    const { test } = open();
    const [first, second] = [test.mark('g1'), test.mark('g1')];
    expect(test.verdictOf(second, test.answer(first, 'ok'))).toBeUndefined();
    expect(test.verdictOf(first, test.answer(first, 'ok').replace('"ok"', '"forged"'))).toBeUndefined();
  });
});
