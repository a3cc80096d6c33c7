import { describe, expect, it } from '@jest/globals';
import { GATEWAY_URI } from './gateway-uri.js';

describe('the uri of a gateway', () => {
  it.each(['a', 'acme', 'acme/whatsapp-1', 'a_b/c/d', '0', 'x'.repeat(64)])('may be %s', (uri) => {
    expect(GATEWAY_URI.test(uri)).toBe(true);
  });

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    'A',
    'a.b',
    '..',
    'a/../b',
    'a%2fb',
    'a b',
    'a\nb',
    'a\n',
    'ä',
    'a?b',
    'a#b',
    'a\\b',
    'a\0',
    'x'.repeat(65),
  ])('may not be %j', (uri) => {
    expect(GATEWAY_URI.test(uri)).toBe(false);
  });
});
