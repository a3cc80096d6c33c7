import { describe, expect, it } from '@jest/globals';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import { chooseAccount } from './choose-account.js';

const channels = [
  { channel: 'whatsapp', capabilities: {} },
  { channel: 'facebook', capabilities: { addressing: 'user-id' } },
];
const account = (channel: string, address: string, active = true) => ({ channel, address, active, enabled: true });

function gatewayWith(...accounts: ReturnType<typeof account>[]): LoadedGateway {
  const channel = (name: string) => channels.find((each) => each.channel === name);
  return { uri: 'acme', accounts, channel, type: { type: 'messenger', channels } } as unknown as LoadedGateway;
}

const PHONE = { kind: 'phone', phone: '16505551234' } as const;
const USER = { kind: 'user', userId: '4711' } as const;

describe('the sender of a message', () => {
  const both = gatewayWith(account('whatsapp', '1'), account('facebook', '2'));

  it('is the only one that can reach a phone, where a page is engaged beside it', () => {
    expect(chooseAccount(both, {}, PHONE).account.address).toBe('1');
  });

  it('has to be named where several fit', () => {
    expect(() => chooseAccount(both, {}, USER)).toThrow('name one in "account": 1, 2');
    expect(chooseAccount(both, { channel: 'facebook' }, USER).account.address).toBe('2');
    expect(chooseAccount(both, { account: '2' }, USER).account.address).toBe('2');
  });

  it('is the one that is active, or the only one at all', () => {
    const one = gatewayWith(account('whatsapp', '1', false), account('whatsapp', '2'));
    expect(chooseAccount(one, {}, PHONE).account.address).toBe('2');
    expect(chooseAccount(gatewayWith(account('facebook', '2')), {}, PHONE).account.address).toBe('2');
  });

  it('is none of a channel that the gateway does not have', () => {
    expect(() => chooseAccount(both, { channel: 'telegram' }, USER)).toThrow('it has whatsapp, facebook');
    expect(() => chooseAccount(gatewayWith(), {}, PHONE)).toThrow('has no account yet');
  });
});
