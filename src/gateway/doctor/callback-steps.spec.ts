import { describe, expect, it } from '@jest/globals';
import type { ProviderHttp } from '../../contract/index.js';
import { ManualClock } from '../../platform/clock/clock.js';
import { Cipher } from '../../platform/secrets/cipher.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { callbackSteps } from './callback-steps.js';
import { SELF_TEST_HEADER, SelfTest } from './self-test.js';

/** A gateway type that has no doctor of its own. */
const plain = (callbackUrl: string) =>
  ({ id: 'g', callbackUrl, type: {}, context: () => ({}) }) as unknown as LoadedGateway;

async function examined(callbackUrl: string, leadsHere: boolean) {
  const selfTest = new SelfTest(new Cipher([Buffer.alloc(32, 1)]), new ManualClock());
  const http: ProviderHttp = {
    request: async ({ headers }) => {
      const mark = headers?.[SELF_TEST_HEADER] ?? '';
      const text = leadsHere ? selfTest.answer(mark, 'unsigned') : 'hello';
      return { status: 'answered', httpStatus: 200, headers: {}, text };
    },
  };
  const steps = await callbackSteps(plain(callbackUrl), http, selfTest);
  return Object.fromEntries(steps.map(({ id, status }) => [id, status]));
}

describe('the steps of a gateway type without a doctor', () => {
  it('show where its callback leads, and nothing of signatures, which it does not make', async () => {
    const url = 'https://chat.example/chat/x';
    expect(await examined(url, true)).toEqual({ public_url: 'ok', self_test: 'ok', handshake: 'skipped' });
    expect(await examined(url, false)).toEqual({ public_url: 'ok', self_test: 'failed', handshake: 'skipped' });
  });

  it.each([
    ['https://chat.example/x', 'ok'],
    ['http://chat.example/x', 'warning'],
    ['https://localhost/x', 'warning'],
    ['http://127.0.0.1:3000/x', 'warning'],
    ['https://[::1]/x', 'warning'],
  ])('say that networks call %s: %s', async (url, status) => {
    expect((await examined(url, true))['public_url']).toBe(status);
  });
});
