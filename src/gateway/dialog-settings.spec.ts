import { describe, expect, it } from '@jest/globals';
import type { GatewayType } from '../contract/index.js';
import { dialogPolicyOf, withDialogSettings } from './dialog-settings.js';
import type { LoadedGateway } from './loaded-gateway.js';

const gateway = (settings: Record<string, string>): LoadedGateway => ({ settings }) as unknown as LoadedGateway;

describe('the settings of dialogs', () => {
  const type = withDialogSettings({
    type: 'fake',
    settings: [{ name: 'token', description: '' }],
  } as unknown as GatewayType);
  const check = (name: string, value: string) => type.settings.find((key) => key.name === name)?.check?.(value);

  it('come with every gateway type, beside its own', () => {
    expect(type.type).toBe('fake');
    expect(type.settings.map(({ name }) => name)).toEqual(['token', 'idle_minutes', 'close_words']);
  });

  it.each([
    ['idle_minutes', '0', undefined],
    ['idle_minutes', '525600', undefined],
    ['idle_minutes', '525601', 'must be a whole number of minutes, 0 to 525600'],
    ['idle_minutes', '1.5', 'must be a whole number of minutes, 0 to 525600'],
    ['close_words', '/close, bye', undefined],
    ['close_words', '', undefined],
    ['close_words', 'x'.repeat(61), 'must be words of at most 60 characters each, separated by commas'],
    [
      'close_words',
      Array.from({ length: 51 }, (_, index) => String(index)).join(','),
      'must not have more than 50 words; given are 51',
    ],
  ])('judge %s = %s', (name, value, complaint) => {
    expect(check(name, value)).toBe(complaint);
  });
});

describe('the words that close a dialog', () => {
  it.each([
    ['/close', true],
    [' /Close\n', true],
    ['TSCHÜSS', true],
    ['close', false],
    ['/close now', false],
    ['', false],
  ])('%j closes: %s', (text, closes) => {
    expect(dialogPolicyOf(gateway({ close_words: '/close, Tschüss' })).closes(text)).toBe(closes);
  });

  it('are none when the list is empty', () => {
    expect(dialogPolicyOf(gateway({ close_words: '' })).closes('')).toBe(false);
  });
});

describe('the idle time-out', () => {
  it('is off unless minutes are given', () => {
    expect(
      [{}, { idle_minutes: '0' }, { idle_minutes: '5' }].map(
        (one) => dialogPolicyOf(gateway(one as Record<string, string>)).idleMs,
      ),
    ).toEqual([undefined, undefined, 300_000]);
  });
});
