import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeLikeMeta, signatureOf } from './webhook-body.js';

describe('encodeLikeMeta', () => {
  it('escapes slashes and everything beyond ASCII', () => {
    expect(encodeLikeMeta({ a: 'ü/😀' }).toString('ascii')).toBe('{"a":"\\u00fc\\/\\ud83d\\ude00"}');
  });

  it('stays the same value for a JSON parser', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = encodeLikeMeta(value);
        expect(bytes.every((byte) => byte < 0x80)).toBe(true);
        expect(JSON.parse(bytes.toString('ascii'))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('signatureOf', () => {
  it('is the hex HMAC-SHA256 of the bytes with the app secret', () => {
    // RFC 4231, test case 2.
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    expect(signatureOf(Buffer.from('what do ya want for nothing?'), 'Jefe')).toBe(`sha256=${expected}`);
  });
});
