import { describe, expect, it } from '@jest/globals';
import { Problem } from '../platform/problem/problem.js';
import type { BotDto } from './bot.dto.js';
import { mergeBot } from './merge-bot.js';
import type { BotSettings } from './stored-bot.js';

const now = new Date('2026-11-20T12:00:00Z');
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
const merge = (given: BotDto, current?: BotSettings, allowPrivateUrls = true) =>
  mergeBot(given, current, { allowPrivateUrls, now });

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'fine';
  } catch (error) {
    if (error instanceof Problem) return `${error.status} ${error.code}`;
    throw error;
  }
}

describe('a bot', () => {
  it('is filled in where nothing is said', () => {
    const { bot, secretGenerated } = merge({ url: 'http://127.0.0.1:4000/bot' });
    expect(bot).toMatchObject({ timeoutSeconds: 10, events: ['message.received', 'message.failed', 'dialog.closed'] });
    expect(secretGenerated).toBe(true);
    expect(merge({ url: 'https://x.example', secret: SECRET })).toMatchObject({
      bot: { secret: SECRET },
      secretGenerated: false,
    });
  });

  it('keeps what is not mentioned, and signs with the old secret for a day after a change', () => {
    const { bot } = merge({ url: 'https://x.example', secret: SECRET, timeoutSeconds: 3, events: ['*'] });
    expect(merge({ secret: '••••AQE=' }, bot).bot).toEqual(bot);
    const changed = merge({ secret: OTHER }, { ...bot, disabledReason: 'it answered 410' }).bot;
    expect(changed).toEqual({
      ...bot,
      secret: OTHER,
      previous: { secret: SECRET, until: new Date('2026-11-21T12:00:00Z') },
    });
    const later = mergeBot({}, changed, { allowPrivateUrls: true, now: new Date('2026-11-22T12:00:00Z') });
    expect(later.bot).not.toHaveProperty('previous');
  });

  it('inside the process has neither an address nor a secret', () => {
    const { bot, secretGenerated } = merge({ type: 'in-process', timeoutSeconds: 30 });
    expect(bot).toEqual({
      type: 'in-process',
      timeoutSeconds: 30,
      events: ['message.received', 'message.failed', 'dialog.closed'],
    });
    expect(secretGenerated).toBe(false);
    expect(merge({ events: ['*'] }, bot).bot).toEqual({ type: 'in-process', timeoutSeconds: 30, events: ['*'] });
    expect(codeOf(() => merge({ url: 'https://x.example' }, bot))).toBe('400 validation.failed');
    expect(codeOf(() => merge({ type: 'in-process', secret: SECRET }))).toBe('400 validation.failed');
  });

  it('that a provider has declared is a person’s when a person has said anything about it', () => {
    const declared: BotSettings = { type: 'in-process', timeoutSeconds: 10, events: ['*'], declared: true };
    expect(merge({ timeoutSeconds: 5 }, declared).bot).toEqual({
      type: 'in-process',
      timeoutSeconds: 5,
      events: ['*'],
    });
  });

  it('that moves between a webhook and the process keeps what it wants to be told', () => {
    const webhook = merge({ url: 'https://x.example', secret: SECRET, events: ['*'] }).bot;
    const inside = merge({ type: 'in-process' }, webhook).bot;
    expect(inside).toEqual({ type: 'in-process', timeoutSeconds: 10, events: ['*'] });
    expect(codeOf(() => merge({ type: 'webhook' }, inside))).toBe('400 validation.failed');
    expect(merge({ type: 'webhook', url: 'https://x.example', secret: SECRET }, inside).bot).toEqual(webhook);
  });

  it.each([
    ['nothing', undefined],
    ['no URL', 'bot'],
    ['another scheme', 'ftp://x.example'],
    ['credentials', 'http://a:b@x.example'],
    ['a line break', 'http://x.example/\r\nX: y'],
  ])('needs a URL: %s is 400', (_what, url) => {
    expect(codeOf(() => merge(url === undefined ? {} : { url }))).toBe('400 validation.failed');
  });

  it.each([
    'http://localhost:4000',
    'http://bot.localhost',
    'http://localhost./',
    'http://127.0.0.1',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://10.0.0.1',
    'http://169.254.169.254/latest',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[fd00::1]/',
    'http://0.0.0.0/',
  ])('may not be private where that is not allowed: %s', (url) => {
    expect(codeOf(() => merge({ url }, undefined, false))).toBe('422 bot.url.private');
    expect(codeOf(() => merge({ url }))).toBe('fine');
  });

  it.each(['abc', 'whsec_', 'whsec_abc', 'whsec_ä', `x${SECRET}`, `whsec_${'A'.repeat(400)}`, '••••abcd'])(
    'needs a proper secret: %s is 400',
    (secret) => {
      expect(codeOf(() => merge({ url: 'https://x.example', secret }))).toBe('400 validation.failed');
    },
  );
});
