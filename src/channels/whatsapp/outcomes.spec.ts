import { describe, expect, it } from '@jest/globals';
import { outcomes } from './outcomes.js';

const span = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** Meta: whatsapp/support/error-codes, as of September 2026. */
const DOCUMENTED = [
  ...[
    0,
    1,
    2,
    3,
    4,
    10,
    33,
    100,
    102,
    104,
    190,
    ...span(200, 299),
    368,
    506,
    613,
    80007,
    130403,
    130429,
    130472,
    130497,
  ],
  ...[
    131000, 131005, 131008, 131009, 131016, 131020, 131021, 131026, 131030, 131031, 131037, 131041, 131042, 131044,
    131045,
  ],
  ...[...span(131047, 131053), ...span(131055, 131057), ...span(131059, 131065), 131070, ...span(131201, 131215)],
  ...[
    132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068, 132069, 133000, 133004, 133005,
    133006,
  ],
  ...[133008, 133009, 133010, 133015, 133016, 134011, ...span(134100, 134102), 135000, 136024, 136025, 137000],
  ...[
    ...span(138000, 138021),
    138038,
    ...span(139000, 139004),
    ...span(139100, 139103),
    139200,
    ...span(147001, 147005),
  ],
  ...[
    ...span(200005, 200007),
    1752041,
    2388012,
    2388019,
    2388023,
    2388024,
    2388039,
    2388040,
    2388047,
    2388072,
    2388073,
  ],
  ...[
    2388091, 2388093, 2388103, 2388293, 2388299, 2388318, 2388330, 2494055, 2494100, 2494191, 2593107, 2593108, 2593109,
  ],
];

const having = (action: string): (number | string)[] =>
  [...outcomes].filter(([, row]) => row.action === action).map(([code]) => code);

describe('the outcome table', () => {
  it('has a row for every documented code', () => {
    expect(DOCUMENTED.filter((code) => !outcomes.has(code))).toEqual([]);
  });

  it.each([
    [131026, 'recipient.unreachable', 'fail', 'contact'],
    [131047, 'window.closed', 'fallback', 'contact'],
    [131030, 'recipient.not_allowed', 'fail', 'contact'],
    [130429, 'rate.account', 'retry', 'account'],
    [131056, 'rate.pair', 'retry', 'contact'],
    [131042, 'payment.required', 'hold', 'account'],
    [190, 'token.invalid', 'hold', 'gateway'],
    [200, 'permission.missing', 'hold', 'gateway'],
    [299, 'permission.missing', 'hold', 'gateway'],
    [131048, 'rate.spam', 'hold', 'class'],
    [131049, 'marketing.capped', 'hold', 'contact'],
    [131050, 'marketing.opted_out', 'suppress', 'contact'],
    [132015, 'template.paused', 'hold', 'template'],
    [132016, 'template.disabled', 'fail', 'template'],
    [133010, 'number.unregistered', 'hold', 'account'],
    [131000, 'provider.unavailable', 'retry', 'message'],
  ])('knows %d as %s: %s the %s', (code, ours, action, scope) => {
    expect(outcomes.get(code)).toMatchObject({ code: ours, action, scope });
  });

  it('retries what passes by itself, and says when', () => {
    expect(having('retry')).toEqual(
      expect.arrayContaining([1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004]),
    );
    for (const code of having('retry')) expect(outcomes.get(code)?.delayMs).toBeGreaterThan(0);
  });

  it('never retries what is answered the same again or punished', () => {
    const final = [
      100,
      131008,
      131009,
      131026,
      131047,
      131049,
      131050,
      131051,
      130403,
      130472,
      ...span(132000, 132099),
    ];
    expect(having('retry').filter((code) => final.includes(Number(code)))).toEqual([]);
  });

  it('stops what a person has to put right', () => {
    const stopping = [0, 190, 3, 10, 200, 250, 368, 131031, 131042, 131045, 133010, 131064];
    expect(having('hold')).toEqual(expect.arrayContaining(stopping));
  });

  it('lets only a closed window fall back, and suppresses only on an opt-out', () => {
    expect(having('fallback')).toEqual([131047]);
    expect(having('suppress')).toEqual([131050]);
  });

  it('has neutral codes and whole sentences', () => {
    for (const row of outcomes.values()) {
      expect(row.code).toMatch(/^[a-z_]+\.[a-z_]+$/);
      expect(row.title).toMatch(/^[A-Z].*[^.]$/);
    }
  });

  it('tells how to add a recipient to a test number', () => {
    expect(outcomes.get(131030)?.advice).toContain('Manage phone number list');
  });
});
