import { describe, expect, it } from '@jest/globals';
import { type ContractSubject, contractChecks, envelope, skippedChecks } from '../../testing/index.js';
import { loopback } from './index.js';

const said = (id: string, text: string) => ({ id, from: 'ann', text, at: '2026-11-26T12:00:00Z' });

const subject: ContractSubject = {
  type: loopback,
  settings: { secret: 'knock-knock-4711' },
  sign: ({ settings }) => ({ 'x-loopback-secret': settings['secret'] ?? '' }),
  channels: {
    loopback: {
      account: { address: 'loopback', group: 'loopback', name: 'Loopback' },
      recipient: { userId: 'ann' },
      payloads: {
        one: { messages: [said('1', 'Is it open?')] },
        several: { messages: [said('2', 'Hello?'), said('3', 'Anybody?')] },
      },
      envelopes: [envelope('messages')],
    },
  },
};

describe('the contract', () => {
  for (const { name, run } of contractChecks(subject)) it(name, run);

  it('skips what loopback has not', () => {
    expect(skippedChecks(subject).map(({ because }) => because)).toEqual([
      'toleranceMs is absent: signatures carry no time',
      'doctor.handshake is absent: the network asks for no proof of ownership',
      'outcomes is empty',
      'network is absent: send makes no call',
      'network is absent: send makes no call',
      'outcomes is empty',
      'capabilities.receipts is empty',
      'capabilities.settles is none',
      'outbound.presence is absent',
      'outbound.presence is absent',
      'accounts.health, limits, nextTier and link are absent',
    ]);
  });
});
