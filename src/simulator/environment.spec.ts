import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from './environment.js';

describe('readEnvironment', () => {
  it('listens on 4010 when nothing is said', () => {
    expect(readEnvironment({})).toEqual({ port: 4010 });
  });

  it('takes every variable', () => {
    expect(
      readEnvironment({
        SIMULATOR_PORT: '0',
        SIMULATOR_SEED: '7',
        SIMULATOR_WEBHOOK_URL: 'http://127.0.0.1:1/x',
        SIMULATOR_VERIFY_TOKEN: 'v',
        SIMULATOR_WINDOW: 'late',
        SIMULATOR_READ_MS: '5',
        SIMULATOR_LIMITS: 'enforce',
        SIMULATOR_STATUS_BATCH: '50',
        SIMULATOR_RECORD: '100',
      }),
    ).toEqual({
      port: 0,
      seed: 7,
      webhookUrl: 'http://127.0.0.1:1/x',
      verifyToken: 'v',
      window: 'late',
      limits: 'enforce',
      statusBatch: 50,
      record: 100,
      statuses: { readMs: 5 },
    });
  });

  it.each([
    [{ SIMULATOR_PORT: '70000' }, /SIMULATOR_PORT is "70000".*65535/],
    [{ SIMULATOR_SEED: 'x' }, /SIMULATOR_SEED is "x"/],
    [{ SIMULATOR_WEBHOOK_URL: 'nowhere' }, /SIMULATOR_WEBHOOK_URL is "nowhere"/],
    [{ SIMULATOR_LIMITS: 'none' }, /SIMULATOR_LIMITS is "none"; allowed: judge, enforce/],
    [{ SIMULATOR_WINDOW: 'ajar' }, /SIMULATOR_WINDOW is "ajar"; allowed: strict, late, open/],
  ])('refuses %j by name', (environment, sentence) => {
    expect(() => readEnvironment(environment)).toThrow(sentence);
  });
});
