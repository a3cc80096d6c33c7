import { describe, expect, it } from '@jest/globals';
import { inDoubtAction, settleMsOf, settlesAt } from './doubt.js';

const START = Date.parse('2026-11-20T12:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1_000);

describe('the settle clock', () => {
  const facts = { doubtSince: at(0), upSince: at(-3_600), settleMs: 120_000 };

  it('runs for two minutes, for a code half a minute, or as long as the gateway says', () => {
    expect(settleMsOf({}, 'utility')).toBe(120_000);
    expect(settleMsOf({}, 'authentication')).toBe(30_000);
    expect(settleMsOf({ settleMs: 5_000 }, 'authentication')).toBe(5_000);
  });

  it('starts anew when callbacks could not be taken meanwhile', () => {
    expect(settlesAt(facts)).toEqual(at(120));
    expect(settlesAt({ ...facts, upSince: at(3_600) })).toEqual(at(3_720));
  });

  it('ends early, not before ten seconds, when a later message has its receipt', () => {
    expect(settlesAt({ ...facts, provedAt: at(3) })).toEqual(at(10));
    expect(settlesAt({ ...facts, provedAt: at(47) })).toEqual(at(47));
    expect(settlesAt({ ...facts, provedAt: at(500) })).toEqual(at(120));
    expect(settlesAt({ ...facts, settleMs: 5_000, provedAt: at(1) })).toEqual(at(5));
  });
});

describe('what follows without a receipt', () => {
  it('is another try for a reply, a failure for everything else, or what the gateway says', () => {
    expect(inDoubtAction({}, 'reply', 'attempt-reference')).toBe('resend');
    expect(inDoubtAction({}, 'marketing', 'attempt-reference')).toBe('fail');
    expect(inDoubtAction({ inDoubt: 'fail' }, 'reply', 'attempt-reference')).toBe('fail');
    expect(inDoubtAction({ inDoubt: 'resend' }, 'marketing', 'none')).toBe('resend');
  });

  it('is a failure where no receipt could ever settle it', () => {
    expect(inDoubtAction({}, 'reply', 'none')).toBe('fail');
  });
});
