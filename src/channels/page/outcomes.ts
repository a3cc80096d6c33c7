import type { OutcomeTable } from '../../contract/index.js';
import { type OutcomeLine, outcomeTable } from '../wire/index.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const SETUP = 'Run setup again with a token whose user has a role on the page: it reads new page tokens.';
const PERMISSION =
  'Give the token pages_messaging and pages_manage_metadata (Instagram: instagram_basic and instagram_manage_messages too), and its user a role on the page; then run setup.';
const WRITE_FIRST = 'People must write first, and again every 24 hours; a human may answer within 7 days.';
const SLOWS_ACCOUNT = { slows: 'account' } as const;

// prettier-ignore
const LINES: readonly OutcomeLine[] = [
  // tokens and permissions: a page has a credential of its own, so what would hold the gateway holds that page
  ['token.missing', 'token.invalid', 'hold', 'account', 'No access token of this page is known', SETUP, undefined, { mendable: 'account' }],
  [0, 'token.invalid', 'hold', 'gateway', 'The page\'s access token is not accepted', SETUP],
  [102, 'token.invalid', 'hold', 'gateway', 'The session of the page\'s access token has ended', SETUP],
  [104, 'token.invalid', 'hold', 'gateway', 'The page\'s access token is missing or its proof is wrong', SETUP],
  [190, 'token.invalid', 'hold', 'gateway', 'The page\'s access token has expired or was revoked', SETUP],
  [3, 'permission.missing', 'hold', 'gateway', 'The app may not call this', PERMISSION],
  [10, 'permission.missing', 'hold', 'gateway', 'The permission was not granted or was withdrawn', PERMISSION],
  [[200, 299], 'permission.missing', 'hold', 'gateway', 'A permission is missing', PERMISSION],

  // the window
  ['10.2018278', 'window.closed', 'fallback', 'contact', 'More than 24 hours have passed since the person wrote', WRITE_FIRST],
  ['100.2018278', 'window.closed', 'fallback', 'contact', 'More than 24 hours have passed since the person wrote', WRITE_FIRST],
  ['10.2018065', 'window.closed', 'fallback', 'contact', 'This is sent outside of the window that is allowed', WRITE_FIRST],
  ['10.2534022', 'window.closed', 'fallback', 'contact', 'More than 24 hours have passed since the person wrote', WRITE_FIRST],

  // the person
  [551, 'recipient.unreachable', 'fail', 'contact', 'The person cannot be reached at the moment', 'They have blocked the page, turned messages off, or left.'],
  ['551.1545041', 'recipient.unreachable', 'fail', 'contact', 'The person cannot be reached', 'They have blocked the page, turned messages off, or left.'],
  ['200.1545041', 'recipient.unreachable', 'fail', 'contact', 'The person cannot be reached', 'They have blocked the page, turned messages off, or left.'],
  ['200.2018028', 'recipient.not_allowed', 'fail', 'contact', 'While the app is not live it may write to its testers only', 'Give the person a role on the app, or set the app live.'],
  ['100.2018001', 'recipient.unknown', 'fail', 'contact', 'There is no such person for this page', 'Ids of people are those of one page: those of another page are unknown here.'],
  ['10.2018300', 'dialog.not_owner', 'fail', 'contact', 'Another app owns this conversation', 'Take the thread, or leave the answer to its owner.'],
  ['100.2018300', 'dialog.not_owner', 'fail', 'contact', 'Another app owns this conversation', 'Take the thread, or leave the answer to its owner.'],

  // paces
  [4, 'rate.calls', 'retry', 'account', 'The app has made too many calls', undefined, MINUTE],
  [17, 'rate.calls', 'retry', 'account', 'The token\'s user has made too many calls', undefined, MINUTE],
  [32, 'rate.calls', 'retry', 'account', 'The page has made too many calls', undefined, MINUTE],
  [613, 'rate.account', 'retry', 'account', 'The page sends faster than it may', undefined, 2 * SECOND, SLOWS_ACCOUNT],
  [80006, 'rate.account', 'retry', 'account', 'The page sends more than its people write', undefined, MINUTE],
  [80002, 'rate.account', 'retry', 'account', 'The Instagram account has made too many calls', undefined, MINUTE],

  // Meta's own side
  [1, 'provider.unavailable', 'retry', 'message', 'Meta had an unknown error', undefined, 5 * SECOND],
  [2, 'provider.unavailable', 'retry', 'message', 'Meta is overloaded or down', undefined, 5 * SECOND],
  [1200, 'provider.unavailable', 'retry', 'message', 'Meta could not send it at the moment', undefined, 5 * SECOND],

  // the page
  [368, 'account.restricted', 'hold', 'account', 'Meta has restricted the page for breaking a policy', 'Settle it in the page\'s Support Inbox.', undefined, { mendable: 'account' }],
  ['100.33', 'account.unknown', 'fail', 'account', 'Meta does not know this page', 'Run setup: the page was deleted, or the token may not see it.'],

  // what is being sent
  [100, 'request.invalid', 'fail', 'message', 'Meta calls a parameter wrong', 'See the details.'],
  ['100.2018109', 'media.too_large', 'fail', 'message', 'The attachment is too large'],
  ['100.2018047', 'media.invalid', 'fail', 'message', 'The file could not be uploaded', 'Check its type, its size and that its link is public.'],
  ['100.2018008', 'media.invalid', 'fail', 'message', 'The file could not be fetched from its link', 'Check that its link is public.'],
  [2018109, 'media.too_large', 'fail', 'message', 'The attachment is too large'],
  [2018047, 'media.invalid', 'fail', 'message', 'The file could not be uploaded', 'Check its type, its size and that its link is public.'],
];

/**
 * What Meta's codes mean for a message of a page (Meta: messenger-platform/error-codes). A row of `code.subcode` goes before that
 * of the code alone: here the same code says many things. All come in the answer; nothing fails later.
 */
export const outcomes: OutcomeTable = outcomeTable(LINES);
