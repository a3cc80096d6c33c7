import { describe, expect, it } from '@jest/globals';
import type { GatewayType } from '../contract/index.js';
import { Cipher } from '../platform/secrets/cipher.js';
import { mergeMetadata } from './merge-metadata.js';
import { maskMetadata, openMetadata, sealMetadata, withDefaults } from './stored-metadata.js';

const type = {
  type: 'fake',
  settings: [
    { name: 'token', required: true, secret: true, description: 'a token' },
    {
      name: 'app',
      description: 'which app',
      check: (value: string) => (/^\d+$/.test(value) ? undefined : 'must be digits'),
    },
    { name: 'mode', values: ['a', 'b'], default: 'a', description: 'a mode' },
    { name: 'words', mayBeEmpty: true, default: 'stop', description: 'words, or none' },
    { name: 'verify', secret: true, generated: true, description: 'made when absent' },
  ],
} as unknown as GatewayType;

const stored = { values: { token: 'old-token', verify: 'v' }, unreadable: new Map<string, string>() };
const codes = (given: object, current?: typeof stored): string[] =>
  mergeMetadata(type, given as Record<string, unknown>, current).errors.map(({ path, code }) => `${path} ${code}`);

describe('metadata', () => {
  it('may be empty where that means something: no default takes its place', () => {
    const { values, errors } = mergeMetadata(type, { token: 't', words: '' }, undefined);
    expect([errors, withDefaults(values, type)['words']]).toEqual([[], '']);
    expect(withDefaults(mergeMetadata(type, { words: null }, { ...stored, values }).values, type)['words']).toBe(
      'stop',
    );
  });

  it('is one error per key that is wrong', () => {
    expect(codes({ token: '', app: 'x', mode: 'c', nope: '1' })).toEqual([
      'metadata.token metadata.malformed',
      'metadata.app metadata.malformed',
      'metadata.mode metadata.malformed',
      'metadata.nope metadata.unknown',
    ]);
    expect(codes({})).toEqual(['metadata.token metadata.required']);
    expect(codes({ token: null })).toEqual(['metadata.token metadata.malformed']);
  });

  it.each([5, true, {}, [], ' x', 'x\n', 'a\0', '\ud800', 'x'.repeat(4097)])(
    'does not take %j for a value',
    (value) => {
      expect(codes({ token: value })).toEqual(['metadata.token metadata.malformed']);
    },
  );

  it('has what is missing generated, once', () => {
    const made = mergeMetadata(type, { token: 't' }, undefined);
    expect([...made.generated]).toEqual(['verify']);
    expect(made.values['verify']).toMatch(/^[\w-]{32}$/);
    const kept = mergeMetadata(type, { app: '1' }, { values: made.values, unreadable: new Map() });
    expect([...kept.generated]).toEqual([]);
    expect(kept.values['verify']).toBe(made.values['verify']);
  });

  it('merges: null removes, a masked secret is unchanged, a masked look of anything else is a value', () => {
    const merged = mergeMetadata(type, { token: '••••oken', app: '12' }, stored);
    expect([merged.values, merged.changed]).toEqual([{ token: 'old-token', verify: 'v', app: '12' }, true]);
    expect(mergeMetadata(type, { token: '••••oken' }, stored).changed).toBe(false);
    expect(codes({ token: null }, stored)).toEqual(['metadata.token metadata.required']);
    expect(codes({ token: '••••oken' })).toEqual(['metadata.token metadata.masked']);
    expect(codes({ mode: '••••' }, stored)).toEqual(['metadata.mode metadata.malformed']);
  });

  it('keeps what this process cannot read', () => {
    const blind = { values: {}, unreadable: new Map([['token', 'no key']]) };
    const merged = mergeMetadata(type, { app: '1' }, blind);
    expect([[...merged.kept], merged.errors]).toEqual([['token'], []]);
    expect([...mergeMetadata(type, { token: 'new' }, blind).kept]).toEqual([]);
  });

  it('is encrypted where it is secret, read back, and masked for people', () => {
    const cipher = new Cipher([Buffer.alloc(32, 1)]);
    const sealed = sealMetadata({ token: 'secret-token-1234', app: '1' }, type, cipher);
    expect(JSON.stringify(sealed)).not.toContain('secret-token');
    expect(sealed['app']).toBe('1');
    const opened = openMetadata(sealed, cipher);
    expect(withDefaults(opened.values, type)).toEqual({
      token: 'secret-token-1234',
      app: '1',
      mode: 'a',
      words: 'stop',
    });
    expect(maskMetadata(opened, type)).toEqual({ token: '••••1234', app: '1' });
    expect(maskMetadata(opened, undefined)).toEqual({ token: '••••1234', app: '••••' });
    const blind = openMetadata(sealed, new Cipher([Buffer.alloc(32, 2)]));
    expect(maskMetadata(blind, type)).toEqual({ token: '••••', app: '1' });
    expect(blind.unreadable.get('token')).toContain('ENCRYPTION_KEY');
  });
});
