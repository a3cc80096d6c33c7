import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../contract/index.js';
import {
  answered,
  type ContractSubject,
  contractChecks,
  type NetworkAnswers,
  skippedChecks,
} from '../../testing/index.js';
import { whatsAppSubject } from '../whatsapp/testing/contract.fixture.js';
import { dialog360 } from './index.js';

/** What 360dialog says itself, by its code. */
const OWN: Readonly<Record<string, readonly [httpStatus: number, body: JsonValue]>> = {
  '360dialog.rate': [400, told('You have exceeded the endpoint rate limit.')],
  '360dialog.unpaid': [400, told('Disabled due to lack of payment, overdue invoices')],
  '360dialog.disabled': [400, { error: 'API has been disabled' }],
};

function told(message: string): JsonValue {
  return { meta: { success: false, developer_message: message } };
}

function refusal(code: number | string) {
  if (typeof code === 'number') return whatsAppSubject.network?.refusal(code);
  const own = OWN[code];
  return own ? answered(...own) : answered(Number(code.slice('http.'.length)), told('This is not for you'));
}

const subject: ContractSubject = {
  type: dialog360,
  settings: {
    api_key: 'd360-key-of-the-number',
    webhook_secret: 'whisper-it-to-nobody',
    base_url: 'https://d360.test',
  },
  sign: ({ settings }) => ({ authorization: `Bearer ${settings['webhook_secret'] ?? ''}` }),
  channels: { whatsapp: { ...whatsAppSubject, network: { ...(whatsAppSubject.network as NetworkAnswers), refusal } } },
};

/** The same, with the signature that partners have agreed on. */
const signing: ContractSubject = {
  ...subject,
  sign: ({ body, settings }) => ({
    'x-360dialog-signature': createHmac('sha256', settings['webhook_secret'] ?? '')
      .update(body)
      .digest('hex'),
  }),
};

describe('the contract', () => {
  for (const { name, run } of contractChecks(subject)) it(name, run);

  for (const { name, run } of contractChecks(signing).filter((one) => /accepts|refuses/.test(one.name))) {
    it(`${name}, by a signature`, run);
  }

  it('skips what 360dialog has not', () => {
    expect(skippedChecks(subject).map(({ because }) => because)).toEqual([
      'toleranceMs is absent: signatures carry no time',
      'doctor.handshake is absent: the network asks for no proof of ownership',
    ]);
  });
});
