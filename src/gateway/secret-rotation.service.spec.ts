import { describe, expect, it } from '@jest/globals';
import { Cipher } from '../platform/secrets/cipher.js';
import { renew } from './secret-rotation.service.js';

const [a, b, c] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(32, 3)] as const;

describe('renewing stored secrets', () => {
  const old = new Cipher([a]);
  const rotating = new Cipher([b, a]);
  const stored = {
    token: { encrypted: old.encrypt('secret') },
    app: '1',
    previous: { until: 'x', encrypted: old.encrypt('p') },
  };

  it('writes what is under an older key under the current one, and leaves the rest', () => {
    const renewed = renew(stored, rotating) as typeof stored;
    const current = new Cipher([b]);
    expect(current.decrypt(renewed.token.encrypted)).toBe('secret');
    expect(current.decrypt(renewed.previous.encrypted)).toBe('p');
    expect([renewed.app, renewed.previous.until]).toEqual(['1', 'x']);
  });

  it('returns the very same value when there is nothing to do, or nothing that can be read', () => {
    expect(renew(stored, old)).toBe(stored);
    expect(renew(stored, new Cipher([c]))).toBe(stored);
  });
});
