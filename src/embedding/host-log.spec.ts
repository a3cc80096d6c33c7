import { Logger } from '@nestjs/common';
import { describe, expect, test } from '@jest/globals';
import { hostLog } from './host-log.js';

function capture(level: 'info' | 'trace' = 'trace') {
  const lines: string[] = [];
  const take = (method: string) => (text: string) => void lines.push(`${method}: ${text}`);
  const logger = new Logger();
  for (const method of ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const)
    Object.assign(logger, { [method]: take(method) });
  return { log: hostLog(level, logger), lines };
}

describe('our log in a host', () => {
  test('goes to the host’s logger, by level', () => {
    const { log, lines } = capture();
    log.info('plain');
    log.warn({ gateway: 'acme' }, 'with fields');
    log.trace('small');
    expect(lines).toEqual(['log: plain', 'warn: with fields {"gateway":"acme"}', 'verbose: small']);
  });

  test('tells of errors with their stack, and of no secret', () => {
    const { log, lines } = capture();
    log.error({ err: new Error('broken'), settings: { client_secret: 'hunter2' } }, 'failed');
    expect(lines[0]).toMatch(/^error: failed .*"message":"broken","stack":"Error: broken/);
    expect(lines[0]).not.toContain('hunter2');
  });

  test('keeps to its level', () => {
    const { log, lines } = capture('info');
    log.debug('too small');
    expect(lines).toEqual([]);
  });
});
