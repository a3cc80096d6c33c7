import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { equalsInConstantTime, verifyHmac } from './signature.js';

const sign = (body: Buffer, secret: string, prefix = 'sha256='): string =>
  prefix + createHmac('sha256', secret).update(body).digest('hex');
const judge = (
  body: Buffer,
  header: string | readonly string[] | undefined,
  secrets: readonly (string | undefined)[],
) => {
  const verdict = verifyHmac({ body, header, secrets, prefix: 'sha256=' });
  return verdict.ok ? 'ok' : verdict.why;
};

describe('signatures', () => {
  it('hold for exactly the bytes and any of the secrets', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, fc.string({ minLength: 1 }), fc.nat(), (body, secret, at) => {
        const header = sign(body, secret);
        expect(judge(body, header, ['another', secret])).toBe('ok');
        expect(judge(body, header, ['another'])).toBe(secret === 'another' ? 'ok' : 'forged');
        const changed = Buffer.from(body);
        changed[at % changed.length]! ^= 1;
        expect(judge(changed, header, [secret])).toBe('forged');
      }),
    );
  });

  it('are taken over escapes as they came', () => {
    const body = Buffer.from('{"text":"\\u00e9\\/"}');
    const header = sign(body, 's');
    expect(judge(body, header, ['s'])).toBe('ok');
    expect(judge(Buffer.from(JSON.stringify(JSON.parse(body.toString()))), header, ['s'])).toBe('forged');
  });

  it('may stand alone in their header, in either case', () => {
    const body = Buffer.from('x');
    const header = sign(body, 's', '');
    expect(verifyHmac({ body, header, secrets: ['s'] })).toEqual({ ok: true });
    expect(verifyHmac({ body, header: header.toUpperCase(), secrets: ['s'] })).toEqual({ ok: true });
    expect(judge(body, sign(body, 's').toUpperCase(), ['s'])).toBe('ok');
    expect(judge(body, [sign(body, 's'), 'another'], ['s'])).toBe('ok');
    expect(judge(body, header, ['s'])).toBe('forged');
  });

  it.each([
    [undefined, 'unsigned'],
    ['', 'unsigned'],
    ['sha256=', 'forged'],
    ['sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709', 'forged'],
    ['sha256=zz', 'forged'],
    ['é'.repeat(71), 'forged'],
  ])('calls the header %j %s', (header, verdict) => {
    expect(judge(Buffer.from('x'), header, ['s'])).toBe(verdict);
  });

  it.each([[[]], [[undefined]], [['']]])('match nothing by the secrets %j: nothing is configured', (secrets) => {
    expect(judge(Buffer.from('x'), sign(Buffer.from('x'), ''), secrets)).toBe('not-configured');
  });
});

describe('equality in constant time', () => {
  it('is equality', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => equalsInConstantTime(a, b) === (a === b)));
    expect(equalsInConstantTime('same', 'same')).toBe(true);
  });
});
