import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { answered, type ContractSubject, contractChecks, skippedChecks } from '../../testing/index.js';
import { whatsAppSubject } from '../whatsapp/testing/contract.fixture.js';
import { pageSubject } from '../page/contract.fixture.js';
import { messenger } from './index.js';

const subject: ContractSubject = {
  type: messenger({ graphUrl: 'https://graph.test', graphVersion: 'v26.0' }),
  settings: {
    whatsapp_token: 'EAAGtoken4711token4711',
    facebook_token: 'EAAGowner4711owner4711',
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
  channels: { whatsapp: whatsAppSubject, facebook: pageSubject('facebook'), instagram: pageSubject('instagram') },
};

const MISSING = 'token.missing';
const withRows = (of: ContractSubject, isWanted: (row: number | string) => boolean): ContractSubject => ({
  ...of,
  type: {
    ...of.type,
    channels: of.type.channels.map((channel) => ({
      ...channel,
      outcomes: new Map([...channel.outcomes].filter(([row]) => isWanted(row))),
    })),
  },
});

describe('the contract', () => {
  for (const { name, run } of contractChecks(withRows(subject, (row) => row !== MISSING))) it(name, run);

  it.each(['facebook', 'instagram'] as const)('%s: reaches the row of a page without a token', async (channel) => {
    const { credential: _, ...own } = pageSubject(channel);
    const network = { accepts: answered(200, {}), refusal: () => answered(200, {}) };
    const without = { ...subject, channels: { ...subject.channels, [channel]: { ...own, network } } };
    const name = `messenger, ${channel}: reaches every row of its outcome table`;
    const check = contractChecks(withRows(without, (row) => row === MISSING)).find((one) => one.name === name);
    if (!check) throw new Error(`there is no check "${name}"`);
    await check.run();
  });

  it('skips what Meta has not', () => {
    expect(skippedChecks(subject)).toEqual([
      { name: 'messenger: refuses what is replayed', because: 'toleranceMs is absent: signatures carry no time' },
      { name: 'messenger, instagram: lets the attempt travel, and come back', because: 'capabilities.settles is none' },
      {
        name: 'messenger, instagram: reads any details of accounts',
        because: 'accounts.health, limits, nextTier and link are absent',
      },
    ]);
  });
});
