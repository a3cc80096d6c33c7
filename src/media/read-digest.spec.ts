import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readDigest } from './read-digest.js';

const digest = createHash('sha256').update('a file').digest();

describe('readDigest', () => {
  it.each(['hex', 'base64', 'base64url'] as const)('reads %s', (encoding) => {
    expect(readDigest(digest.toString(encoding))).toBe(digest.toString('hex'));
  });

  it('reads capital letters', () => {
    expect(readDigest(digest.toString('hex').toUpperCase())).toBe(digest.toString('hex'));
  });

  it.each([undefined, '', 'c2hh', 'x'.repeat(64), 'A'.repeat(42)])('knows that %j is none', (text) => {
    expect(readDigest(text)).toBeUndefined();
  });
});
