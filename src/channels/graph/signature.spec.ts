import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkSignature, equalsInConstantTime } from './signature.js';

const sign = (body: Buffer, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

describe('signatures', () => {
  it('hold for exactly the bytes and any of the secrets', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, fc.string({ minLength: 1 }), fc.nat(), (body, secret, at) => {
        const header = sign(body, secret);
        expect(checkSignature(body, header, ['another', secret])).toBe('ok');
        expect(checkSignature(body, header, ['another'])).toBe(secret === 'another' ? 'ok' : 'forged');
        const changed = Buffer.from(body);
        changed[at % changed.length]! ^= 1;
        expect(checkSignature(changed, header, [secret])).toBe('forged');
      }),
    );
  });

  it('are taken over escapes as they came', () => {
    const body = Buffer.from('{"text":"\\u00e9\\/"}');
    const header = sign(body, 's');
    expect(checkSignature(body, header, ['s'])).toBe('ok');
    expect(checkSignature(Buffer.from(JSON.stringify(JSON.parse(body.toString()))), header, ['s'])).toBe('forged');
  });

  it.each([
    [undefined, 'unsigned'],
    ['', 'unsigned'],
    ['sha256=', 'forged'],
    ['sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709', 'forged'],
    ['sha256=zz', 'forged'],
    ['é'.repeat(71), 'forged'],
  ])('calls the header %j %s', (header, verdict) => {
    expect(checkSignature(Buffer.from('x'), header, ['s'])).toBe(verdict);
  });

  it('of nobody match nothing', () => {
    expect(checkSignature(Buffer.from('x'), sign(Buffer.from('x'), ''), [])).toBe('forged');
  });
});

describe('equality in constant time', () => {
  it('is equality', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => equalsInConstantTime(a, b) === (a === b)));
    expect(equalsInConstantTime('same', 'same')).toBe(true);
  });
});
