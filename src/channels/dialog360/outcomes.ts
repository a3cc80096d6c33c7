import type { OutcomeRow, OutcomeTable } from '../../contract/index.js';
import { metaOutcomes } from '../whatsapp/index.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const KEY = 'Put the API key of the number into api_key.';
const SUPPORT = "Ask 360dialog's support.";

const RATE: OutcomeRow = {
  code: 'rate.account',
  title: '360dialog lets no more calls through for now',
  action: 'retry',
  scope: 'account',
  delayMs: 2 * SECOND,
  slows: 'account',
};

/** 360dialog's own refusals (360dialog: docs/support/api-error-message-list); those without a code of ours are by HTTP status. */
const OWN: readonly (readonly [code: string, row: OutcomeRow])[] = [
  [
    'http.401',
    { code: 'token.invalid', title: 'The API key is not accepted', action: 'hold', scope: 'gateway', advice: KEY },
  ],
  [
    'http.403',
    {
      code: 'account.restricted',
      title: '360dialog has blocked this for the number',
      action: 'hold',
      scope: 'account',
      delayMs: HOUR,
      mendable: 'account',
      advice: SUPPORT,
    },
  ],
  ['http.429', RATE],
  ['360dialog.rate', RATE],
  [
    '360dialog.unpaid',
    {
      code: 'payment.required',
      title: '360dialog has not been paid',
      action: 'hold',
      scope: 'account',
      delayMs: HOUR,
      mendable: 'account',
      advice: 'Settle the invoices of 360dialog.',
    },
  ],
  [
    '360dialog.disabled',
    {
      code: 'account.restricted',
      title: '360dialog has disabled the API for the number',
      action: 'hold',
      scope: 'account',
      delayMs: HOUR,
      mendable: 'account',
      advice: SUPPORT,
    },
  ],
];

/** Meta's refusals of a token: here it is 360dialog's, and no setting of this gateway can mend it. */
const TOKENS = [...metaOutcomes]
  .filter(([, { action, scope }]) => action === 'hold' && scope === 'gateway')
  .map(([code, row]): [number | string, OutcomeRow] => [
    code,
    {
      ...row,
      scope: 'account',
      delayMs: 10 * MINUTE,
      mendable: 'account',
      advice: `It is 360dialog's access to Meta that fails, not your key. ${SUPPORT}`,
    },
  ]);

/** What differs from Meta's own table. */
export const outcomes: OutcomeTable = new Map<number | string, OutcomeRow>([...TOKENS, ...OWN]);
