import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { type ContractSubject, answered, contractChecks, envelope, skippedChecks } from 'patchbay/testing';
import { pigeon } from './pigeon.js';

const at = '2026-11-26T12:00:00Z';

const subject: ContractSubject = {
  type: pigeon,
  settings: { api_url: 'https://pigeons.test', token: 'grain-and-barley', hook_secret: 'coo-coo-coo' },
  sign: ({ body, settings }) => ({
    'x-pigeon-signature': createHmac('sha256', settings['hook_secret'] ?? '')
      .update(body)
      .digest('hex'),
  }),
  channels: {
    pigeon: {
      account: { address: 'roof', group: 'roof', name: 'The roof' },
      recipient: { userId: 'ann' },
      payloads: {
        letters: {
          loft: 'roof',
          events: [
            { id: 'in-1', kind: 'letter', from: 'ann', text: 'hi', at },
            { id: 'in-2', kind: 'letter', from: 'bob', text: 'anybody?', at },
          ],
        },
        delivered: { loft: 'roof', events: [{ id: 'out-1', kind: 'delivered', at }] },
      },
      envelopes: [envelope('events', { loft: 'roof' })],
      network: {
        accepts: answered(200, { id: 'out-1' }),
        refusal: (code) => answered(code === 'no_such_loft' ? 404 : 409, { code, message: 'no bird will fly' }),
      },
    },
  },
};

for (const { name, run } of contractChecks(subject)) test(name, run);

test('what pigeons have not is known', () => {
  assert.deepEqual(
    skippedChecks(subject).map(({ because }) => because),
    [
      'toleranceMs is absent: signatures carry no time',
      'doctor.handshake is absent: the network asks for no proof of ownership',
      'capabilities.settles is none',
      'outbound.presence is absent',
      'outbound.presence is absent',
      'accounts.health, limits, nextTier and link are absent',
    ],
  );
});
