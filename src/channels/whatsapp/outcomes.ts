import type { OutcomeTable } from '../../contract/index.js';
import { type OutcomeLine, outcomeTable } from '../wire/index.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const SLOWS_ACCOUNT = { slows: 'account' } as const;
const SLOWS_PAIR = { slows: 'pair' } as const;
/** Being reported is about what people did not ask for. */
const MARKETING_ONLY = { classes: ['marketing'] } as const;
/** What goes by templates, and is charged. Replies may be free-form and free of charge, so they are tried. */
const WHAT_IS_PAID = { classes: ['authentication', 'utility', 'marketing'] } as const;
/** The business account is billed and judged as a whole; names and registrations are a number's own. */
const MENDABLE = { mendable: 'group' } as const;
const MENDABLE_NUMBER = { mendable: 'account' } as const;

const NEW_TOKEN = 'Put a new access token into whatsapp_token, or into the credential of the account that has its own.';
const PERMISSION =
  'Give the token whatsapp_business_messaging and whatsapp_business_management, and its user the account.';
const TEMPLATE = 'Compare name, language and parameters with the template in WhatsApp Manager.';
const REGISTER = 'Register the number with the Cloud API: POST /accounts/:id/register.';
const LATER = 'Wait as long as the details say, then try again.';
const CALLS = 'Only calls are concerned, not messages.';
const GROUPS = 'Only groups are concerned, not this person.';
const MANAGER = 'Settle it in WhatsApp Manager.';

// prettier-ignore
const LINES: readonly OutcomeLine[] = [
  // tokens and permissions
  [0, 'token.invalid', 'hold', 'gateway', 'The access token is not accepted', NEW_TOKEN],
  [102, 'token.invalid', 'hold', 'gateway', 'The session of the access token has ended', NEW_TOKEN],
  [104, 'token.invalid', 'hold', 'gateway', 'The access token is missing or its proof is wrong', NEW_TOKEN],
  [190, 'token.invalid', 'hold', 'gateway', 'The access token has expired or was revoked', NEW_TOKEN],
  [3, 'permission.missing', 'hold', 'gateway', 'The app may not call this', PERMISSION],
  [10, 'permission.missing', 'hold', 'gateway', 'The permission was not granted or was withdrawn', PERMISSION],
  [[200, 299], 'permission.missing', 'hold', 'gateway', 'A permission is missing', PERMISSION],
  [131005, 'permission.missing', 'hold', 'gateway', 'Access was denied', PERMISSION],

  // Meta's own side
  [1, 'provider.unavailable', 'retry', 'message', 'Meta had an unknown error', undefined, 5 * SECOND],
  [2, 'provider.unavailable', 'retry', 'message', 'Meta is overloaded or down', undefined, 5 * SECOND],
  [131000, 'provider.unavailable', 'retry', 'message', 'Something went wrong at Meta', undefined, 5 * SECOND],
  [131016, 'provider.unavailable', 'retry', 'message', 'A service of Meta is unavailable', undefined, 5 * SECOND],
  [133004, 'provider.unavailable', 'retry', 'message', 'Meta\'s server is unavailable', undefined, 5 * SECOND],
  [131057, 'account.maintenance', 'retry', 'account', 'The number is being upgraded by Meta', 'It takes about a minute.', MINUTE],

  // paces
  [4, 'rate.calls', 'retry', 'gateway', 'The app has made too many calls', 'Make fewer calls; the limit is per hour.', MINUTE],
  [17, 'rate.calls', 'retry', 'gateway', 'The token\'s user has made too many calls', undefined, MINUTE],
  [32, 'rate.calls', 'retry', 'gateway', 'Too many calls', undefined, MINUTE],
  [613, 'rate.calls', 'hold', 'account', 'Too many calls of this kind', LATER, MINUTE],
  [80007, 'rate.calls', 'retry', 'account', 'The business account has made too many calls', 'Make fewer calls; the limit is per hour.', MINUTE],
  [130429, 'rate.account', 'retry', 'account', 'The number sends faster than it may', undefined, 2 * SECOND, SLOWS_ACCOUNT],
  [2494055, 'rate.account', 'retry', 'account', 'The number sends faster than it may', undefined, 2 * SECOND, SLOWS_ACCOUNT],
  [131056, 'rate.pair', 'retry', 'contact', 'Too many messages to this person in a short time', undefined, 4 * SECOND, SLOWS_PAIR],
  [131048, 'rate.spam', 'hold', 'class', 'People have blocked or reported too many messages of this number', 'Look at the number\'s quality in WhatsApp Manager.', 4 * HOUR, MARKETING_ONLY],
  [131064, 'rate.misclassified', 'hold', 'account', 'Limited because templates were put into the wrong category', 'It is lifted when Meta\'s enforcement ends.', HOUR, { ...WHAT_IS_PAID, ...MENDABLE }],

  // the account
  [33, 'account.unknown', 'fail', 'account', 'Meta does not know this phone number id', 'Run setup: the number was deleted, or the token may not see it.'],
  [368, 'account.restricted', 'hold', 'account', 'Meta has restricted the account for breaking a policy', MANAGER, undefined, MENDABLE],
  [131031, 'account.restricted', 'hold', 'account', 'Meta has locked the account', MANAGER, undefined, MENDABLE],
  [131037, 'account.name_unapproved', 'hold', 'account', 'The number\'s display name is not approved', MANAGER, undefined, MENDABLE_NUMBER],
  [131042, 'payment.required', 'hold', 'account', 'Meta cannot charge the account', 'Add or repair the payment method of the WhatsApp Business Account.', HOUR, { ...WHAT_IS_PAID, ...MENDABLE }],
  [131044, 'payment.required', 'fail', 'account', 'Meta cannot charge the account for calls', CALLS],
  [134011, 'payment.terms', 'fail', 'account', 'The payment terms are not accepted', MANAGER],
  [131045, 'number.unregistered', 'hold', 'account', 'The number is not registered', REGISTER, undefined, MENDABLE_NUMBER],
  [133010, 'number.unregistered', 'hold', 'account', 'The number is not registered', REGISTER, undefined, MENDABLE_NUMBER],
  [133000, 'number.registration', 'fail', 'account', 'An earlier deregistration is incomplete', 'Deregister the number again, then register it.'],
  [133005, 'number.registration', 'fail', 'account', 'The two-step PIN is wrong', 'Register with the right PIN, or set a new one.'],
  [133006, 'number.registration', 'fail', 'account', 'The number is not verified', 'Verify the number, then register it.'],
  [[133008, 133009], 'number.registration', 'fail', 'account', 'Too many guesses of the PIN', LATER],
  [133015, 'number.registration', 'fail', 'account', 'The number was deleted a moment ago', 'Wait five minutes, then register it.'],
  [133016, 'number.registration', 'fail', 'account', 'Too many registrations', 'Wait up to 72 hours.'],
  [136024, 'number.verification', 'fail', 'account', 'The number is verified already', 'Go on with registering it.'],
  [136025, 'number.verification', 'fail', 'account', 'The verification code could not be sent', LATER],
  [130497, 'country.restricted', 'fail', 'contact', 'The account may not write to this country'],
  [1752041, 'account.request_pending', 'fail', 'account', 'This was asked for already'],
  [[2593107, 2593109], 'account.sync', 'fail', 'account', 'The phone\'s history or contacts cannot be fetched', 'It works once, within 24 hours of connecting, and only if history is shared.'],

  // the person
  [130403, 'recipient.blocked', 'fail', 'contact', 'The business has blocked this person', 'Unblock the person first.'],
  [130472, 'recipient.experiment', 'fail', 'contact', 'The person takes part in an experiment of Meta\'s and gets no marketing'],
  [131021, 'recipient.self', 'fail', 'message', 'The number cannot write to itself'],
  [131026, 'recipient.unreachable', 'fail', 'contact', 'The person cannot be reached on WhatsApp', 'Not on WhatsApp, an old app, or the terms are not accepted.'],
  [131030, 'recipient.not_allowed', 'fail', 'contact', 'A test number may only write to people on its list', 'Add the recipient in the app dashboard: WhatsApp, API Setup, "To", Manage phone number list; then confirm the code sent to them.'],
  [131047, 'window.closed', 'fallback', 'contact', 'More than 24 hours have passed since the person wrote', 'Send a template.'],
  [131049, 'marketing.capped', 'hold', 'contact', 'The person gets no more marketing for now', 'Meta limits marketing per person; trying again within a day is punished.', 24 * HOUR, MARKETING_ONLY],
  [131050, 'marketing.opted_out', 'suppress', 'contact', 'The person has stopped marketing messages', 'Send no marketing until the person allows it again.'],
  [131062, 'recipient.phone_required', 'fail', 'contact', 'This kind of message needs the person\'s phone number', 'Ask for the number, or send another kind.'],
  [131065, 'price.unavailable', 'fail', 'contact', 'The price offered is not available in this country'],
  [131070, 'dialog.not_owner', 'fail', 'contact', 'Another responder owns this conversation', 'Take the thread, or leave the answer to its owner.'],
  [137000, 'recipient.identity_changed', 'fail', 'contact', 'The person\'s identity key has changed', 'Confirm who it is, then send with the new key or without one.'],

  // what is being sent
  [100, 'request.invalid', 'fail', 'message', 'Meta calls a parameter wrong', 'See the details.'],
  [506, 'request.duplicate', 'fail', 'message', 'Meta took it for a repetition'],
  [131008, 'request.invalid', 'fail', 'message', 'A required parameter is missing', 'See the details.'],
  [131009, 'request.invalid', 'fail', 'message', 'The value of a parameter is not valid', 'See the details.'],
  [131051, 'content.unsupported', 'fail', 'message', 'This kind of message is not supported'],
  [131052, 'media.unavailable', 'fail', 'message', 'The file could not be downloaded', 'It may be larger than 100 MB.'],
  [131053, 'media.invalid', 'fail', 'message', 'The file could not be uploaded', 'Check its type, its size and that its link is public.'],
  [131055, 'request.invalid', 'fail', 'message', 'Only marketing templates may go this way'],
  [131059, 'request.invalid', 'fail', 'message', 'The cursor is not valid', GROUPS],
  [131060, 'message.unavailable', 'fail', 'message', 'The message is not available'],
  [131061, 'template.wrong_way', 'fail', 'template', 'A template with a bid must go by the marketing API'],
  [131063, 'marketing.disabled', 'fail', 'class', 'Marketing is switched off for this API', 'Switch it on for the WhatsApp Business Account.'],
  [135000, 'request.invalid', 'fail', 'message', 'Meta cannot make sense of the message', 'Check its parameters.'],
  [139200, 'direct_send.blocked', 'fail', 'account', 'Sending without a template is blocked', MANAGER],

  // templates
  [132000, 'template.params', 'fail', 'message', 'The number of parameters does not match the template', TEMPLATE],
  [132001, 'template.missing', 'fail', 'template', 'There is no approved template of that name and language', TEMPLATE],
  [132005, 'template.too_long', 'fail', 'message', 'The template is too long with these parameters', 'Shorten the parameters.'],
  [132007, 'template.policy', 'fail', 'template', 'The template breaks a policy', 'Edit the template.'],
  [132008, 'template.params', 'fail', 'message', 'The value of a parameter does not match the template', TEMPLATE],
  [132012, 'template.params', 'fail', 'message', 'The format of a parameter does not match the template', TEMPLATE],
  [132015, 'template.paused', 'hold', 'template', 'Meta has paused the template because of its quality', 'Wait until it is unpaused, or edit it.', 3 * HOUR],
  [132016, 'template.disabled', 'fail', 'template', 'Meta has disabled the template for good', 'Use a new template.'],
  [132018, 'template.invalid', 'fail', 'template', 'The template is not valid', TEMPLATE],
  [132068, 'flow.blocked', 'fail', 'template', 'The flow is blocked', 'Repair the flow.'],
  [132069, 'flow.throttled', 'fail', 'template', 'The flow is limited to a few messages an hour', 'Repair the flow.'],
  [134100, 'template.not_marketing', 'fail', 'template', 'Only marketing templates may go this way'],
  [134101, 'template.syncing', 'retry', 'template', 'The template is still being prepared', 'It takes up to ten minutes.', 10 * MINUTE],
  [134102, 'template.unavailable', 'fail', 'template', 'The template cannot be used at the moment'],
  [2388019, 'template.count', 'fail', 'account', 'There are too many templates', 'Delete some.'],
  [2388023, 'template.name_blocked', 'fail', 'template', 'A template of that name and language is being deleted', 'Wait four weeks, or take another name.'],
  [2388024, 'template.exists', 'fail', 'template', 'There is a template of that name and language'],
  [2388039, 'template.edit', 'fail', 'template', 'The template cannot be edited now'],
  [2388040, 'template.edit', 'fail', 'template', 'A part of the template is too long'],
  [2388047, 'template.edit', 'fail', 'template', 'The header of the template has a wrong format'],
  [2388072, 'template.edit', 'fail', 'template', 'The body of the template has a wrong format'],
  [2388073, 'template.edit', 'fail', 'template', 'The footer of the template has a wrong format'],
  [2388293, 'template.edit', 'fail', 'template', 'The template has too many variables for its length'],
  [2388299, 'template.edit', 'fail', 'template', 'A template cannot begin or end with a variable'],
  [2388318, 'template.edit', 'fail', 'template', 'A template that Meta made cannot be edited'],
  [2388330, 'template.edit', 'fail', 'template', 'A template that Meta made cannot be deleted'],

  // groups
  [131020, 'group.too_small', 'fail', 'message', 'The group has a single member', GROUPS],
  [131041, 'group.unknown', 'fail', 'message', 'Meta does not know this group', GROUPS],
  [[131201, 131203], 'group.request', 'fail', 'message', 'The group could not be changed as asked', GROUPS],
  [131204, 'group.full', 'fail', 'message', 'The group is full', GROUPS],
  [[131205, 131206], 'group.request', 'fail', 'message', 'The group could not be changed as asked', GROUPS],
  [131207, 'group.suspended', 'fail', 'message', 'The group is suspended', GROUPS],
  [131208, 'group.rate', 'fail', 'message', 'Too many changes to groups', GROUPS],
  [[131209, 131210], 'group.picture', 'fail', 'message', 'The group\'s picture cannot be used', GROUPS],
  [131211, 'group.count', 'fail', 'message', 'The number has too many groups', GROUPS],
  [131212, 'group.not_member', 'fail', 'message', 'The person is not in the group', GROUPS],
  [131213, 'group.join_request', 'fail', 'message', 'The request to join is not valid any more', GROUPS],
  [131214, 'group.creation_off', 'fail', 'message', 'Groups cannot be created now', GROUPS],
  [131215, 'group.not_eligible', 'fail', 'message', 'The number may not use groups', GROUPS],

  // calls, flows, lists, names: not met by sending a message, named so that a person understands them
  [138000, 'call.disabled', 'fail', 'account', 'Calling is switched off', CALLS],
  [138001, 'call.uncallable', 'fail', 'contact', 'The person cannot be called', CALLS],
  [138002, 'call.concurrent', 'fail', 'account', 'Too many calls at the same time', CALLS],
  [138003, 'call.duplicate', 'fail', 'contact', 'There is a call with this person already', CALLS],
  [138004, 'call.failed', 'fail', 'contact', 'The call could not be connected', CALLS],
  [138005, 'call.rate', 'fail', 'account', 'Too many calls', CALLS],
  [138006, 'call.not_allowed', 'fail', 'contact', 'The person has not allowed calls', CALLS],
  [138007, 'call.timeout', 'fail', 'contact', 'The call was not connected in time', CALLS],
  [138008, 'call.failed', 'fail', 'contact', 'The call failed', CALLS],
  [138009, 'call.rate', 'fail', 'contact', 'The person was asked for permission too often', CALLS],
  [[138010, 138011], 'call.failed', 'fail', 'contact', 'The call failed', CALLS],
  [138012, 'call.rate', 'fail', 'contact', 'The person was called too often today', CALLS],
  [[138013, 138017], 'call.failed', 'fail', 'contact', 'The call failed', CALLS],
  [138018, 'call.not_eligible', 'fail', 'account', 'Calling cannot be switched on', CALLS],
  [[138019, 138021], 'call.failed', 'fail', 'contact', 'The call failed', CALLS],
  [138038, 'call.not_owner', 'fail', 'account', 'Another application answers the calls', CALLS],
  [139000, 'flow.integrity', 'fail', 'account', 'Flows are blocked for this account', MANAGER],
  [[139001, 139004], 'flow.request', 'fail', 'account', 'The flow could not be changed', MANAGER],
  [[139100, 139103], 'blocklist.request', 'fail', 'account', 'The list of blocked people could not be changed as asked', LATER],
  [[147001, 147005], 'username.request', 'fail', 'account', 'The username cannot be taken', MANAGER],
  [[200005, 200007], 'insights.unavailable', 'fail', 'account', 'Template statistics are not available', MANAGER],
  [2388012, 'migration.failed', 'fail', 'account', 'The number cannot be moved', MANAGER],
  [2388091, 'migration.failed', 'fail', 'account', 'The number cannot be moved', MANAGER],
  [2388093, 'migration.failed', 'fail', 'account', 'The number cannot be moved', MANAGER],
  [2388103, 'migration.failed', 'fail', 'account', 'The number cannot be moved', MANAGER],
  [2494100, 'migration.failed', 'fail', 'account', 'The number cannot be moved', LATER],
  [2494191, 'dialog.not_owner', 'fail', 'contact', 'This application may not take the conversation'],
];

/**
 * What Meta's codes mean for a message (Meta: whatsapp/support/error-codes). One row per code or span of codes, whether the
 * code comes in the answer or later in a `failed` status. `retry`: asking again helps. `hold`: nothing goes out in that scope
 * until the cause is gone or the time is over. `fail`: asking again would be answered the same, or is punished (131049).
 * Subcodes and HTTP statuses are no part of it: Meta says to decide by `code` alone.
 */
export const outcomes: OutcomeTable = outcomeTable(LINES);
