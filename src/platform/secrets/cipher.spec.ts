import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Cipher, SecretUnreadableError, constantTimeEqual, mask } from './cipher.js';

const first = Buffer.alloc(32, 1);
const second = Buffer.alloc(32, 2);

describe('Cipher', () => {
  it('gives back what it was given, and never shows it', () => {
    const cipher = new Cipher([first]);
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: 'grapheme' }), (secret) => {
        const stored = cipher.encrypt(secret);
        expect(cipher.decrypt(stored)).toBe(secret);
        expect(stored).not.toContain(secret);
      }),
    );
  });

  it('rotates: the first key encrypts, all decrypt, and old values say that they are stale', () => {
    const old = new Cipher([first]).encrypt('token');
    const rotated = new Cipher([second, first]);
    expect(rotated.decrypt(old)).toBe('token');
    expect(rotated.isStale(old)).toBe(true);
    expect(rotated.isStale(rotated.encrypt('token'))).toBe(false);
  });

  it('says which key is missing', () => {
    const stored = new Cipher([first]).encrypt('token');
    expect(() => new Cipher([second]).decrypt(stored)).toThrow(/not in ENCRYPTION_KEY/);
  });

  it('refuses a changed value', () => {
    const cipher = new Cipher([first]);
    const stored = cipher.encrypt('token');
    const changed = stored.slice(0, -4) + (stored.endsWith('AAA=') ? 'BBB=' : 'AAA=');
    expect(() => cipher.decrypt(changed)).toThrow(SecretUnreadableError);
  });
});

describe('mask', () => {
  it('shows the last four of a long secret and nothing of a short one', () => {
    expect(mask('EAAG0123456789')).toBe('••••6789');
    expect(mask('short')).toBe('••••');
  });
});

describe('constantTimeEqual', () => {
  it('compares values of any length', () => {
    expect(constantTimeEqual('a', 'a')).toBe(true);
    expect(constantTimeEqual('a', 'ab')).toBe(false);
  });
});
