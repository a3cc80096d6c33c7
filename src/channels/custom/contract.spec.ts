import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type JsonObject } from '../../contract/index.js';
import { answered, type ContractSubject, contractChecks, skippedChecks } from '../../testing/index.js';
import { message, NOW, OTHER, SECRET, type, URL_ } from './custom.fixture.js';
import { sign } from './signature.js';

const status = (word: string, more: JsonObject = {}): JsonObject => ({
  type: 'status',
  id: 'm9',
  status: word,
  at: '2026-11-26T11:59:59Z',
  ...more,
});
const failed = (code: number | string): JsonObject =>
  status('failed', { error: { code, message: 'That did not work' } });

const subject: ContractSubject = {
  type,
  now: NOW,
  toleranceMs: 300_000,
  settings: {
    url: URL_,
    secret: SECRET,
    inbound_secret: OTHER,
    secret_previous: `whsec_${Buffer.from('the secret before the last one !').toString('base64')}`,
  },
  sign({ body, settings, at }) {
    const [id, timestamp] = ['msg-1', String(Math.floor(at.getTime() / 1_000))];
    const secret = settings['inbound_secret'] ?? settings['secret'] ?? SECRET;
    return {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': sign(secret, { id, timestamp, body }),
    };
  },
  channels: {
    custom: {
      account: { address: 'kit.gateway', group: 'kit.gateway', name: 'kit/gateway' },
      recipient: { userId: 'ann' },
      payloads: {
        message: message(),
        several: { events: [message({ id: 'm2' }), message({ id: 'm3' })] },
        close: { type: 'close', from: { userId: 'ann' }, at: '2026-11-26T11:59:59Z' },
        failed: failed('recipient.blocked'),
        settled: status('sent', { attempt: 'pb.1.att' }),
        ...Object.fromEntries(['delivered', 'read', 'played'].map((word) => [word, status(word)])),
      },
      envelopes: [
        {
          name: 'events',
          items: (body) => (isJsonObject(body) && Array.isArray(body['events']) ? body['events'] : [body]),
          wrap: (items) => ({ events: [...items] }),
        },
      ],
      contents: { native: { type: 'native', channel: 'custom', payload: { dance: true } } },
      network: {
        accepts: answered(200, { id: 'theirs-1' }),
        refusal(code) {
          const httpStatus = Number(/^http\.(\d+)$/.exec(String(code))?.[1] ?? 422);
          const isStatus = httpStatus !== 422;
          return answered(httpStatus, isStatus ? {} : { error: { code, message: 'That did not work' } });
        },
        receipt: failed,
      },
    },
  },
};

describe('the contract', () => {
  for (const { name, run } of contractChecks(subject)) it(name, run);

  it('skips what a custom system has not', () => {
    expect(skippedChecks(subject).map(({ because }) => because)).toEqual([
      'doctor.handshake is absent: the network asks for no proof of ownership',
      'accounts.health, limits, nextTier and link are absent',
    ]);
  });
});
