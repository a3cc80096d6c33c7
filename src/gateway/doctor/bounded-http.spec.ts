import { describe, expect, it } from '@jest/globals';
import type { ProviderAnswer, ProviderRequest } from '../../contract/index.js';
import { ManualClock } from '../../platform/clock/clock.js';
import { boundedHttp } from './bounded-http.js';

describe('the client of an examination', () => {
  it('lets no call, and not all of them together, take longer than it may', async () => {
    const clock = new ManualClock();
    const asked: (number | undefined)[] = [];
    const request = async ({ timeoutMs }: ProviderRequest): Promise<ProviderAnswer> => {
      asked.push(timeoutMs);
      return { status: 'answered', httpStatus: 200, headers: {}, text: '' };
    };
    const http = boundedHttp({ request }, clock, 25_000);
    const call = (timeoutMs?: number) =>
      http.request({ method: 'GET', url: 'http://x.test', ...(timeoutMs !== undefined && { timeoutMs }) });
    await call();
    await call(1_000);
    clock.advance(20_000);
    await call();
    clock.advance(5_000);
    expect(await call()).toMatchObject({ status: 'failed', sent: false, reason: expect.stringContaining('25 s') });
    expect(asked).toEqual([8_000, 1_000, 5_000]);
  });
});
