import { describe, expect, it } from '@jest/globals';
import type { Content } from '../../contract/index.js';
import { judgeWindow } from './judge-window.js';
import type { Submission } from './submission.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = new Date('2026-11-26T12:00:00Z');
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);

function submission(more: { readonly humanMs?: number; readonly template?: boolean } & Partial<Submission> = {}) {
  const { humanMs, template = false, ...rest } = more;
  const window = { durationMs: DAY_MS, outside: 'closed', ...(humanMs !== undefined && { humanMs }) };
  return {
    gateway: { type: { policies: () => ({ windowUnknown: 'closed', pairPace: 'lenient' }) }, settings: {} },
    sender: { account: {}, channel: { capabilities: { template, window } } },
    content: { type: 'text', text: 'x' } as Content,
    ...rest,
  } as unknown as Submission;
}

const HUMAN = { author: 'human', humanMs: 7 * DAY_MS } as const;

describe('after the window', () => {
  it('a human may write for as long as the network lets one, and it is marked', () => {
    expect(judgeWindow(submission(HUMAN), ago(2 * DAY_MS), NOW)).toEqual({
      window: 'closed',
      part: 'content',
      late: 'human',
      expiresAt: new Date(NOW.getTime() + 5 * DAY_MS),
    });
  });

  it('what goes while it is open is not marked, whoever wrote it', () => {
    const verdict = judgeWindow(submission(HUMAN), ago(HOUR_MS), NOW);
    expect(verdict).toMatchObject({ window: 'open', part: 'content' });
    expect(verdict).not.toHaveProperty('late');
  });

  it('what a human writes for later is marked, if the window has closed then', () => {
    const at = (ms: number, more: Partial<Submission> = {}) =>
      judgeWindow(submission({ ...HUMAN, ...more, sendAt: new Date(NOW.getTime() + ms) }), ago(HOUR_MS), NOW);
    expect(at(23 * HOUR_MS)).toEqual({
      window: 'unknown',
      part: 'content',
      late: 'human',
      expiresAt: new Date(NOW.getTime() + 7 * DAY_MS - HOUR_MS),
    });
    expect(at(22 * HOUR_MS)).toMatchObject({ window: 'open' });
    expect(at(22 * HOUR_MS)).not.toHaveProperty('late');
    expect(at(7 * DAY_MS)).toEqual({
      window: 'unknown',
      part: 'content',
      expiresAt: new Date(NOW.getTime() + 23 * HOUR_MS),
    });
    const native = { type: 'native', channel: 'facebook', payload: {} } as const;
    expect(at(23 * HOUR_MS, { content: native })).not.toHaveProperty('late');
  });

  it.each<[string, Submission, Date | null, RegExp]>([
    ['a program', submission({ humanMs: 7 * DAY_MS }), ago(2 * DAY_MS), /"author": "human".*7 days/],
    ['a human too late', submission(HUMAN), ago(7 * DAY_MS), /7 days/],
    [
      'a human who is to write too late',
      submission({ ...HUMAN, sendAt: new Date(NOW.getTime() + 6 * DAY_MS) }),
      ago(2 * DAY_MS),
      /7 days/,
    ],
    ['a human to somebody who never wrote', submission(HUMAN), null, /7 days/],
    [
      'a human where networks make no difference',
      submission({ author: 'human' }),
      ago(2 * DAY_MS),
      /Wait until they write\./,
    ],
    [
      'a human where there are templates',
      submission({ author: 'human', template: true }),
      ago(2 * DAY_MS),
      /Send a template/,
    ],
  ])('not %s', (_, one, lastInboundAt, words) => {
    expect(() => judgeWindow(one, lastInboundAt, NOW)).toThrow(words);
  });
});
