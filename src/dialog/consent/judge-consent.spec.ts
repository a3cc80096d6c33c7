import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConsentEntry, ConsentStanding, ConsentState } from './consent.js';
import { type ConsentQuestion, judgeConsent } from './judge-consent.js';

const entry = (state: ConsentState, second: number, more: Partial<ConsentEntry> = {}): ConsentEntry => ({
  state,
  at: new Date(Date.UTC(2026, 10, 20, 12, 0, second)),
  how: 'api',
  what: null,
  messageId: null,
  recordedAt: new Date(Date.UTC(2026, 10, 20, 12, 0, second, 500)),
  ...more,
});
const out = (second: number, more?: Partial<ConsentEntry>) => entry('out', second, more);
const yes = (second: number, more?: Partial<ConsentEntry>) => entry('in', second, more);

const CLASSES = ['authentication', 'reply', 'utility', 'marketing'] as const;
/** The classes whose templates are stopped. */
const stopped = (standing: ConsentStanding, requireOptIn?: 'marketing' | 'all') =>
  CLASSES.filter((one) => judgeConsent(standing, { class: one, isTemplate: true, requireOptIn }));

describe('consent', () => {
  it.each<[string, ConsentStanding, readonly string[]]>([
    ['nothing on record', {}, []],
    ['in for all', { all: yes(1) }, []],
    ['out of all', { all: out(1) }, ['reply', 'utility', 'marketing']],
    ['out of marketing', { marketing: out(1) }, ['marketing']],
    ['out of marketing, then in for all', { marketing: out(1), all: yes(2) }, []],
    ['in for all, then out of marketing', { all: yes(1), marketing: out(2) }, ['marketing']],
    ['out of all, then in for marketing', { all: out(1), marketing: yes(2) }, ['reply', 'utility', 'marketing']],
    ['in for marketing, then out of all', { marketing: yes(1), all: out(2) }, ['reply', 'utility', 'marketing']],
  ])('%s', (_, standing, classes) => {
    expect(stopped(standing)).toEqual(classes);
  });

  it.each<[string, ConsentStanding, 'marketing' | 'all', readonly string[]]>([
    ['nothing on record', {}, 'marketing', ['marketing']],
    ['in for marketing', { marketing: yes(1) }, 'marketing', []],
    ['in for all', { all: yes(1) }, 'marketing', []],
    ['out of marketing', { marketing: out(1) }, 'marketing', ['marketing']],
    ['nothing on record', {}, 'all', [...CLASSES]],
    ['in for marketing', { marketing: yes(1) }, 'all', ['authentication', 'reply', 'utility']],
    ['in for all', { all: yes(1) }, 'all', []],
    ['in for all, then out of marketing', { all: yes(1), marketing: out(2) }, 'all', ['marketing']],
    ['out of all', { all: out(1) }, 'all', [...CLASSES]],
  ])('%s where an opt-in is required for %3$s: %2$s', (_, standing, required, classes) => {
    expect(stopped(standing, required)).toEqual(classes);
  });

  it('goes by the second, and within one by what was recorded later', () => {
    const late = new Date(Date.UTC(2026, 10, 20, 12, 0, 9));
    const stampedEarlier = {
      marketing: out(5, { recordedAt: late }),
      all: yes(5, { at: new Date(out(5).at.getTime() + 700) }),
    };
    expect(stopped(stampedEarlier)).toEqual(['marketing']);
    expect(stopped({ marketing: out(5), all: yes(5, { recordedAt: late }) })).toEqual([]);
    expect(stopped({ marketing: out(5), all: yes(5) })).toEqual(['marketing']);
  });

  it('knows a marketing template that goes as an answer, when told', () => {
    const question: ConsentQuestion = { class: 'reply', isTemplate: true };
    expect(judgeConsent({ marketing: out(1) }, question)).toBeUndefined();
    expect(judgeConsent({ marketing: out(1) }, { ...question, templateClass: 'marketing' })?.code).toBe(
      'consent.opted_out',
    );
  });

  it('says what stands, since when, how it came, and what lifts it', () => {
    const keyword = { all: out(7, { how: 'keyword', what: 'STOP' }) };
    expect(judgeConsent(keyword, { class: 'utility', isTemplate: true })).toEqual({
      code: 'consent.opted_out',
      detail:
        'The contact opted out of all messages at 2026-11-20T12:00:07.000Z, by writing “STOP”. Lifted by a newer opt-in to all messages: an opt-in word of the contact, an import, or PUT /contacts/:id/consent.',
    });
    const network = { marketing: out(7, { how: 'network', what: 'User requested to stop' }) };
    expect(judgeConsent(network, { class: 'marketing', isTemplate: true })?.detail).toMatch(
      /opted out of marketing messages at 2026-11-20T12:00:07.000Z, as the network told us: “User requested to stop”\. Lifted by a newer opt-in to marketing or to all messages/,
    );
    const missing = judgeConsent({}, { class: 'marketing', isTemplate: true, requireOptIn: 'marketing' });
    expect(missing).toMatchObject({ code: 'consent.missing', detail: expect.stringContaining('none is on record') });
    const narrow = judgeConsent(
      { marketing: yes(7, { how: 'web form' }) },
      { class: 'utility', isTemplate: true, requireOptIn: 'all' },
    );
    expect(narrow?.detail).toContain(
      'on record is only that the contact opted in to marketing messages at 2026-11-20T12:00:07.000Z, by web form',
    );
  });

  const anEntry = fc
    .tuple(fc.constantFrom<ConsentState>('in', 'out'), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
    .map(([state, at, recorded]) => entry(state, at, { recordedAt: new Date(Date.UTC(2026, 10, 21, 0, 0, recorded)) }));
  const standings = fc.record({ all: anEntry, marketing: anEntry }, { requiredKeys: [] });
  const policies = fc.constantFrom<'marketing' | 'all' | undefined>(undefined, 'marketing', 'all');

  it('never stops free-form content', () => {
    fc.assert(
      fc.property(standings, fc.constantFrom(...CLASSES), policies, (standing, one, requireOptIn) => {
        expect(judgeConsent(standing, { class: one, isTemplate: false, requireOptIn })).toBeUndefined();
      }),
    );
  });

  it('stops more when more is asked, and never utility without marketing', () => {
    fc.assert(
      fc.property(standings, (standing) => {
        const [none, marketing, all] = [stopped(standing), stopped(standing, 'marketing'), stopped(standing, 'all')];
        expect(marketing).toEqual(expect.arrayContaining([...none]));
        expect(all).toEqual(expect.arrayContaining([...marketing]));
        if (none.includes('utility')) expect(none).toContain('marketing');
        expect(none).not.toContain('authentication');
      }),
    );
  });

  it('is lifted by a later opt-in to everything, whatever stood before', () => {
    fc.assert(
      fc.property(standings, policies, (standing, requireOptIn) => {
        expect(stopped({ ...standing, all: yes(30) }, requireOptIn)).toEqual([]);
      }),
    );
  });
});
