import { describe, expect, it } from '@jest/globals';
import type { Capabilities, Content } from '../../contract/index.js';
import { Problem } from '../../platform/problem/problem.js';
import { fitContent } from './fit-content.js';
import { partsOf } from './parts.js';
import type { Prepared, Submission } from './submission.js';

const capabilities: Pick<Capabilities, 'outbound' | 'text' | 'choice'> = {
  outbound: ['text'],
  text: { maxLength: 10, unit: 'code-point' },
  choice: [],
};

/** A network that takes texts of ten characters, and no button without a title. */
const channel = {
  capabilities,
  outbound: {
    check: (content: Content) => {
      if (content.type === 'text' && [...content.text].length > 10)
        return [{ path: 'content.text', code: 'content.too_long', message: 'is too long' }];
      if (content.type === 'buttons' && content.buttons.some(({ title }) => title === ''))
        return [{ path: 'content.buttons[0].title', code: 'content.invalid', message: 'is blank' }];
      return content.type === 'text' || content.type === 'template'
        ? []
        : [{ path: 'content.type', code: 'content.unsupported', message: 'cannot be sent' }];
    },
  },
};
const submission = (content: Content, more: object = {}): Submission =>
  ({ gateway: { context: () => ({}) }, sender: { channel }, content, origin: 'api', ...more }) as unknown as Submission;
const text = (words: string, split?: boolean): Content => ({ type: 'text', text: words, ...(split && { split }) });
const refusal = (given: Submission): Problem => {
  try {
    fitContent(given);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('it was not refused');
};

describe('fitContent', () => {
  it('leaves alone what fits', () => {
    const given = submission(text('hi', true));
    expect(fitContent(given)).toBe(given);
  });

  it('keeps the content as it was written and notes what will be changed', () => {
    const content: Content = { type: 'buttons', text: 'P', buttons: [{ type: 'reply', title: 'a' }] };
    expect(fitContent(submission(content))).toMatchObject({ content, notes: [expect.any(String)] });
  });

  it('tells what makes no sense in the words of who wrote it, and all else of what would be shown', () => {
    const of = (title: string): Content => ({ type: 'buttons', text: 'P', buttons: [{ type: 'reply', title }] });
    expect(refusal(submission(of(''))).errors).toMatchObject([{ path: 'content.buttons[0].title' }]);
    const tooLong = refusal(submission(of('abcdefghij')));
    expect(tooLong.errors).toMatchObject([{ path: 'content.text', code: 'content.too_long' }]);
    expect(tooLong.message).toContain('Buttons cannot be shown');
  });

  it('refuses a long text that may not be split, and one of more than twenty parts', () => {
    expect(refusal(submission(text('a'.repeat(11)))).code).toBe('content.too_long');
    expect(fitContent(submission(text('a'.repeat(200), true))).more).toHaveLength(19);
    expect(refusal(submission(text('a'.repeat(201), true))).message).toContain('21 messages');
  });

  it('makes a message of each part: the first one quotes and has the fallback', () => {
    const fallback: Content = { type: 'template', name: 'a', language: 'en' };
    const fitted = fitContent(submission(text('one two three four', true), { fallback, replyTo: 'm1' }));
    const parts = partsOf({ submission: fitted, quote: { providerId: 'p' } } as unknown as Prepared);
    expect(parts.map(({ submission: { content } }) => content)).toEqual(
      ['one two ', 'three four'].map((one) => text(one)),
    );
    expect(parts.map((part) => [part.quote?.providerId, part.submission.fallback, part.submission.replyTo])).toEqual([
      ['p', fallback, 'm1'],
      [undefined, undefined, 'm1'],
    ]);
    expect(parts.map(({ submission: { notes } }) => notes?.[0])).toEqual([
      expect.stringContaining('Part 1 of 2'),
      expect.stringContaining('Part 2 of 2'),
    ]);
  });
});
