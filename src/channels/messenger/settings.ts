import {
  type DeliveryPolicies,
  OPT_IN_WORDS,
  OPT_OUT_WORDS,
  type SettingKey,
  type Settings,
} from '../../contract/index.js';

/** Where Meta's API is, unless a gateway's own metadata says otherwise. */
export interface MessengerOptions {
  readonly graphUrl: string;
  readonly graphVersion: string;
}

/** A value that goes into headers and signatures: no spaces, nothing invisible. */
const printable = (value: string): string | undefined =>
  /^[\x21-\x7e]{1,4096}$/.test(value) ? undefined : 'must be printable characters without spaces';

const positiveInteger = (value: string): string | undefined =>
  /^[1-9]\d{0,6}$/.test(value) ? undefined : 'must be a whole number of seconds, 1 or more';

/** Below this nothing would ever leave; above it, no number of Meta's goes. */
const pace = (value: string): string | undefined =>
  /^\d{1,4}(\.\d{1,3})?$/.test(value) && Number(value) > 0
    ? undefined
    : 'must be messages per second: a positive number up to 9999.999';

export function settingKeys({ graphUrl, graphVersion }: MessengerOptions): readonly SettingKey[] {
  return [
    {
      name: 'whatsapp_token',
      required: true,
      secret: true,
      description: 'Access token of a system user, with whatsapp_business_messaging and whatsapp_business_management.',
      check: printable,
    },
    {
      name: 'client_id',
      description:
        'Id of the Meta app that the token belongs to. With it, subscribe can register the app-level webhook.',
      check: (value) => (/^\d{1,32}$/.test(value) ? undefined : 'must be the digits of the app id'),
    },
    {
      name: 'client_secret',
      secret: true,
      description: 'App secret. Signs webhooks, without it they are refused; proves every Graph call.',
      check: printable,
    },
    {
      name: 'client_secret_previous',
      secret: true,
      description: 'App secret before the last rotation: its signatures are still accepted.',
      check: printable,
    },
    {
      name: 'verify_signature',
      values: ['on', 'off'],
      default: 'on',
      description: 'off lets webhooks in without a signature check. Only for tests.',
    },
    {
      name: 'verify_token',
      secret: true,
      shownOnce: true,
      generated: true,
      description: 'What Meta repeats when it checks that the callback is yours. Generated when it is not given.',
      check: printable,
    },
    {
      name: 'version',
      default: graphVersion,
      description: 'Version of the Graph API, like v26.0.',
      check: (value) => (/^v\d+\.\d+$/.test(value) ? undefined : 'must look like v26.0'),
    },
    { name: 'graph_url', default: graphUrl, description: 'Base URL of the Graph API.', check: webUrl },
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
      description: 'Messages per second and phone number. Lowers what Meta allows, never raises it.',
      check: pace,
    },
    {
      name: 'pair_pace',
      values: ['lenient', 'strict'],
      default: 'lenient',
      description:
        'strict keeps to one message in 6 seconds to one person; lenient uses the burst that Meta allows too.',
    },
    {
      name: 'portfolio',
      description:
        'Id of the business portfolio whose messaging limit the numbers share. Read from Meta when not given.',
      check: (value) =>
        /^[\w.-]{1,64}$/.test(value) ? undefined : 'must be 1 to 64 letters, digits, dots, dashes or underscores',
    },
    {
      name: 'echo_pause_minutes',
      default: '60',
      description:
        'How long the bot keeps quiet in a dialog after a human has written there in the WhatsApp Business app, or another system has. 0: it does not.',
      check: (value) => (/^\d{1,5}$/.test(value) ? undefined : 'must be a whole number of minutes, 0 to 99999'),
    },
    {
      name: 'auto_read',
      values: ['on', 'off'],
      default: 'off',
      description: 'on marks a message as read when the bot has taken it, so that the customer sees the blue ticks.',
    },
    {
      name: 'responder_role',
      description:
        'Role of this app in conversation routing. Tells handovers to us from handovers to others where Meta names roles.',
      check: (value) =>
        /^[\w.-]{1,64}$/.test(value) ? undefined : 'must be 1 to 64 letters, digits, dots, dashes or underscores',
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
  ];
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

function webUrl(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isBare = url !== undefined && !url.username && !url.password && !url.search && !url.hash;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isBare && isWeb ? undefined : 'must be an http or https URL without user, query or fragment';
}

export function warnings(settings: Settings): readonly string[] {
  if (settings['verify_signature'] === 'off') {
    return ['verify_signature is off: anyone who knows the callback URI can pass for Meta. Set it to on.'];
  }
  if (settings['client_secret']) return [];
  return ['client_secret is not set: webhooks are refused (401 webhook.secret.missing) until it is.'];
}

export function policies(settings: Settings): DeliveryPolicies {
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
