import type { OutcomeRow, OutcomeTable } from '../../contract/index.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const SECRET = 'Give both sides the same secret, and the other side a clock that is right.';

/**
 * What the other side may say of a message, in the answer or later in a `failed` status: codes of ours, since it has none of its
 * own. Any other code behaves by its HTTP status: 429 and 5xx are tried again, the rest fails.
 */
const ROWS: readonly (readonly [code: string, row: Omit<OutcomeRow, 'code'>])[] = [
  ['recipient.unreachable', { title: 'The person cannot be reached', action: 'fail', scope: 'contact' }],
  ['recipient.blocked', { title: 'The person has blocked this account', action: 'fail', scope: 'contact' }],
  [
    'marketing.opted_out',
    { title: 'The person does not want marketing messages', action: 'suppress', scope: 'contact' },
  ],
  ['content.unsupported', { title: 'The other side cannot show this content', action: 'fail', scope: 'message' }],
  ['content.invalid', { title: 'The other side does not take this content', action: 'fail', scope: 'message' }],
  ['window.closed', { title: 'The person may not be written to now', action: 'fallback', scope: 'contact' }],
  [
    'rate.account',
    { title: 'The account sends faster than it may', action: 'retry', scope: 'account', delayMs: 2 * SECOND },
  ],
  [
    'rate.pair',
    {
      title: 'Too many messages to this person in a short time',
      action: 'retry',
      scope: 'contact',
      delayMs: 4 * SECOND,
    },
  ],
  [
    'account.restricted',
    { title: 'The account may not send', action: 'hold', scope: 'account', delayMs: HOUR, mendable: 'account' },
  ],
  [
    'provider.unavailable',
    { title: 'The other side has a passing fault', action: 'retry', scope: 'message', delayMs: SECOND },
  ],
];

const BY_STATUS: readonly (readonly [code: string, row: OutcomeRow])[] = [
  [
    'http.401',
    {
      code: 'token.invalid',
      title: 'The other side does not accept the signature',
      action: 'hold',
      scope: 'account',
      delayMs: MINUTE,
      mendable: 'account',
      advice: SECRET,
    },
  ],
  [
    'http.403',
    {
      code: 'permission.missing',
      title: 'The other side lets this account send nothing',
      action: 'hold',
      scope: 'account',
      delayMs: MINUTE,
      mendable: 'account',
      advice: SECRET,
    },
  ],
  [
    'http.408',
    {
      code: 'provider.unavailable',
      title: 'The other side was too slow',
      action: 'retry',
      scope: 'message',
      delayMs: SECOND,
    },
  ],
];

export const outcomes: OutcomeTable = new Map<string, OutcomeRow>([
  ...ROWS.map(([code, row]): [string, OutcomeRow] => [code, { code, ...row }]),
  ...BY_STATUS,
]);
