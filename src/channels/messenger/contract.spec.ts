import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type ContractSubject, contractChecks, skippedChecks } from '../../testing/index.js';
import { whatsAppSubject } from '../whatsapp/testing/contract.fixture.js';
import { messenger } from './index.js';

const subject: ContractSubject = {
  type: messenger({ graphUrl: 'https://graph.test', graphVersion: 'v26.0' }),
  settings: {
    whatsapp_token: 'EAAGtoken4711token4711',
    client_id: '1234567890',
    client_secret: '0123456789abcdef0123456789abcdef',
    client_secret_previous: 'fedcba9876543210fedcba9876543210',
    verify_token: 'verify-token-4711',
    graph_url: 'https://graph.test',
    version: 'v26.0',
  },
  sign: ({ body, settings }) => ({
    'x-hub-signature-256': `sha256=${createHmac('sha256', settings['client_secret'] ?? '')
      .update(body)
      .digest('hex')}`,
  }),
  channels: { whatsapp: whatsAppSubject },
};

describe('the contract', () => {
  for (const { name, run } of contractChecks(subject)) it(name, run);

  it('skips what Meta has not', () => {
    expect(skippedChecks(subject).map(({ because }) => because)).toEqual([
      'toleranceMs is absent: signatures carry no time',
    ]);
  });
});
