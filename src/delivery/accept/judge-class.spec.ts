import { describe, expect, it } from '@jest/globals';
import type { Window } from '../../dialog/window.js';
import type { MessagePart } from '../../dialog/message-status.js';
import { MESSAGE_CLASSES, type MessageClass, rankOfClass } from '../message-class.js';
import { defaultExpiry } from './default-expiry.js';
import { judgeClass } from './judge-class.js';
import type { Submission } from './submission.js';

const TEXT = { type: 'text', text: 'x' } as const;
const TEMPLATE = { type: 'template', name: 't', language: 'en' } as const;
const NATIVE = { type: 'native', channel: 'whatsapp', payload: {} } as const;

const submission = (more: Partial<Submission>): Submission => ({ content: TEXT, origin: 'api', ...more }) as Submission;
const of = (name: 'authentication' | 'utility' | 'marketing', more: Partial<Submission> = {}): Partial<Submission> => ({
  content: TEMPLATE,
  templates: { content: { class: name } },
  ...more,
});

describe('the class of a message', () => {
  it.each<[string, Partial<Submission>, Window['state'], MessageClass]>([
    ['a text into an open window', {}, 'open', 'reply'],
    ['a text into an unknown one', {}, 'unknown', 'utility'],
    ['a text that answers, into an unknown one', { replyTo: 'id' }, 'unknown', 'reply'],
    ['one of many texts', { isBulk: true }, 'open', 'utility'],
    ['one of many that answers', { isBulk: true, replyTo: 'id' }, 'open', 'reply'],
    ['native content', { content: NATIVE }, 'open', 'reply'],
    ['a code', of('authentication'), 'closed', 'authentication'],
    ['a code that answers', of('authentication', { replyTo: 'id' }), 'open', 'authentication'],
    ['a utility template into an open window', of('utility'), 'open', 'utility'],
    ['a marketing template', of('marketing', { isBulk: true }), 'open', 'marketing'],
    ['a template that nobody knows', { content: TEMPLATE }, 'open', 'marketing'],
    ['a bot’s text', { origin: 'bot' }, 'unknown', 'reply'],
    ['a bot’s code, which keeps its place in the answer', of('authentication', { origin: 'bot' }), 'open', 'reply'],
    ['a bot’s offer', of('marketing', { origin: 'bot' }), 'open', 'reply'],
  ])('of %s', (_name, more, window, expected) => {
    expect(judgeClass(submission(more), window, 'content')).toBe(expected);
  });

  it('is that of the fallback where the fallback goes', () => {
    const more = { fallback: TEMPLATE, templates: { fallback: { class: 'utility' as const } } };
    const judged = (part: MessagePart) => judgeClass(submission(more), 'closed', part);
    expect([judged('fallback'), judged('content')]).toEqual(['utility', 'utility']);
    expect(judgeClass(submission({ ...more, templates: {} }), 'closed', 'fallback')).toBe('marketing');
  });

  it('may be lowered, and only that', () => {
    for (const asked of MESSAGE_CLASSES) {
      const judge = () => judgeClass(submission({ ...of('utility'), class: asked }), 'open', 'content');
      if (rankOfClass(asked) < rankOfClass('utility'))
        expect(judge).toThrow(expect.objectContaining({ code: 'class.too_high', status: 422 }));
      else expect(judge()).toBe(asked);
    }
  });

  it('says how long it lives: a better one shorter', () => {
    const from = new Date(0);
    const lives = MESSAGE_CLASSES.map((name) => defaultExpiry(name, from).getTime());
    expect(lives).toEqual([600_000, 86_400_000, 604_800_000, 2_592_000_000]);
  });
});
