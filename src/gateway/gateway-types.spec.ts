import { describe, expect, it } from '@jest/globals';
import { CONTRACT_VERSION, type GatewayType } from '../contract/index.js';
import { GatewayTypes } from './gateway-types.js';

const type = (more: object = {}): GatewayType =>
  ({
    type: 'fake',
    contract: CONTRACT_VERSION,
    settings: [{ name: 'token', description: '' }],
    channels: [{ channel: 'chat', dialog: { variablesFor: () => ({ 'chat.account': '1' }) } }],
    ...more,
  }) as unknown as GatewayType;

describe('the installed gateway types', () => {
  it('are found by name', () => {
    const types = new GatewayTypes([type()]);
    expect(types.find('fake')?.type).toBe('fake');
    expect(types.find('constructor')).toBeUndefined();
  });

  it.each([
    ['another contract version', [type({ contract: 99 })], /contract version 99/],
    ['a name twice', [type(), type()], /Two gateway types are called fake/],
    ['no channel', [type({ channels: [] })], /brings no channel/],
    ['a setting twice', [type({ settings: [{ name: 'a' }, { name: 'a' }] })], /setting a twice/],
    [
      'variables under a foreign prefix',
      [type({ channels: [{ channel: 'chat', dialog: { variablesFor: () => ({ user: '1' }) } }] })],
      /variable user must start with chat\./,
    ],
  ])('stop the start with a sentence when there is %s', (_what, installed, sentence) => {
    expect(() => new GatewayTypes(installed)).toThrow(sentence);
  });
});
