import { OPT_IN_WORDS, OPT_OUT_WORDS } from './consent.js';
import type { DeliveryPolicies, SettingKey, Settings } from './settings.js';

const positiveInteger = (value: string): string | undefined =>
  /^[1-9]\d{0,6}$/.test(value) ? undefined : 'must be a whole number of seconds, 1 or more';

/** Below this nothing would ever leave; above it, no number of Meta's goes. */
const pace = (value: string): string | undefined =>
  /^\d{1,4}(\.\d{1,3})?$/.test(value) && Number(value) > 0
    ? undefined
    : 'must be messages per second: a positive number up to 9999.999';

const KEYS = [
  {
    name: 'window_unknown',
    values: ['try', 'closed'],
    default: 'try',
    description: 'What to do with free-form content when it is not known whether the 24-hour window is open.',
  },
  {
    name: 'in_doubt',
    values: ['resend', 'fail'],
    description: 'What to do with a message whose fate stays unknown. By class when it is not given.',
  },
  {
    name: 'settle_seconds',
    description: 'How long to wait for a receipt that settles a message in doubt. By class when it is not given.',
    check: positiveInteger,
  },
  {
    name: 'pace',
    description: 'Messages per second and account. Lowers what the network allows, never raises it.',
    check: pace,
  },
  {
    name: 'pair_pace',
    values: ['lenient', 'strict'],
    default: 'lenient',
    description:
      'strict keeps to one message in 6 seconds to one person; lenient uses the burst that the network allows too.',
  },
  {
    name: 'portfolio',
    description:
      'Id of the business portfolio whose messaging limit the numbers share. Read from the network when not given.',
    check: (value) =>
      /^[\w.-]{1,64}$/.test(value) ? undefined : 'must be 1 to 64 letters, digits, dots, dashes or underscores',
  },
  {
    name: 'echo_pause_minutes',
    default: '60',
    description:
      'How long the bot keeps quiet in a dialog after a human has written there in an app of the network’s, or another system has. 0: it does not.',
    check: (value) => (/^\d{1,5}$/.test(value) ? undefined : 'must be a whole number of minutes, 0 to 99999'),
  },
  {
    name: 'auto_read',
    values: ['on', 'off'],
    default: 'off',
    description: 'on marks a message as read when the bot has taken it, so that the person sees that it was read.',
  },
  {
    name: 'require_opt_in',
    values: ['off', 'marketing', 'all'],
    default: 'off',
    description: 'Which templates need an opt-in on record: none, marketing ones, or all, codes included.',
  },
  {
    name: 'opt_out_words',
    mayBeEmpty: true,
    default: OPT_OUT_WORDS.join(', '),
    description: 'Words, separated by commas, that alone in a message opt the contact out. Empty: none do.',
    check: wordList,
  },
  {
    name: 'opt_in_words',
    mayBeEmpty: true,
    default: OPT_IN_WORDS.join(', '),
    description: 'Words, separated by commas, that alone in a message opt the contact in again. Empty: none do.',
    check: wordList,
  },
] as const satisfies readonly SettingKey[];

/** Metadata keys that say how delivery behaves, the same for every gateway type that takes them. */
export type DeliverySetting = (typeof KEYS)[number]['name'];

/** The keys with these names, in the order of the names; {@link deliveryPolicies} reads them. */
export function deliverySettings(...names: readonly DeliverySetting[]): readonly SettingKey[] {
  return names.flatMap((name) => KEYS.filter((key) => key.name === name));
}

const MAX_WORDS = 200;
const MAX_WORD_LENGTH = 60;

function words(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function wordList(value: string): string | undefined {
  const given = words(value);
  if (given.length > MAX_WORDS) return `must not have more than ${MAX_WORDS} words; given are ${given.length}`;
  const odd = given.find((word) => word.length > MAX_WORD_LENGTH || !/[\p{L}\p{N}]/u.test(word));
  return odd === undefined
    ? undefined
    : `must be words of letters or digits, each at most ${MAX_WORD_LENGTH} characters, separated by commas`;
}

/** What the delivery keys among a gateway's settings say; a key that the type does not take is as if it were not given. */
export function deliveryPolicies(settings: Settings): DeliveryPolicies {
  const inDoubt = settings['in_doubt'];
  const requireOptIn = settings['require_opt_in'];
  const optOutWords = words(settings['opt_out_words']);
  const optInWords = words(settings['opt_in_words']);
  const settleSeconds = Number(settings['settle_seconds'] ?? 0);
  const messagesPerSecond = Number(settings['pace'] ?? 0);
  const portfolio = settings['portfolio'];
  const echoPauseMinutes = settings['echo_pause_minutes'];
  return {
    windowUnknown: settings['window_unknown'] === 'closed' ? 'closed' : 'try',
    ...((inDoubt === 'resend' || inDoubt === 'fail') && { inDoubt }),
    ...(settleSeconds >= 1 && { settleMs: settleSeconds * 1000 }),
    ...(messagesPerSecond > 0 && { pace: messagesPerSecond }),
    pairPace: settings['pair_pace'] === 'strict' ? 'strict' : 'lenient',
    ...(portfolio && { portfolio }),
    ...(echoPauseMinutes !== undefined && { echoPauseMs: Number(echoPauseMinutes) * 60_000 }),
    ...(settings['auto_read'] === 'on' && { autoRead: true }),
    ...((requireOptIn === 'marketing' || requireOptIn === 'all') && { requireOptIn }),
    ...(optOutWords.length > 0 && { optOutWords }),
    ...(optInWords.length > 0 && { optInWords }),
  };
}
