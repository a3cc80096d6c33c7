import { describe, expect, it } from '@jest/globals';
import { postmasterArguments, sharedBuffers } from './postgres.settings.js';

const GIB = 1024 ** 3;

describe('the memory of the embedded PostgreSQL', () => {
  it.each([
    [0.5 * GIB, '128MB'],
    [4 * GIB, '256MB'],
    [16 * GIB, '1024MB'],
    [256 * GIB, '1024MB'],
  ])('of %d bytes is %s', (memory, expected) => {
    expect(sharedBuffers(memory)).toBe(expected);
  });

  it('is what a caller says instead', () => {
    const told = postmasterArguments('/data', 5_000, undefined, { shared_buffers: '64MB' });
    expect(told.filter((argument) => argument.startsWith('shared_buffers'))).toEqual(['shared_buffers=64MB']);
  });
});
