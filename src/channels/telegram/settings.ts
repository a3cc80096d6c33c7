import type { DeliveryPolicies, GatewayCall, SettingKey, Settings, SettingsVerdict } from '../../contract/index.js';
import { botClient, DEFAULT_URL } from './client.js';
import { isToken } from './token.js';

export const settingKeys: readonly SettingKey[] = [
  {
    name: 'token',
    required: true,
    secret: true,
    description: 'Token of the bot, as @BotFather shows it.',
    check: (value) =>
      isToken(value) ? undefined : 'must look like 123456789:AAE…: the id of the bot, a colon, its secret',
  },
  {
    name: 'api_url',
    default: DEFAULT_URL,
    description: 'Base URL of the Bot API: a Bot API server of your own, or a simulator.',
    check: webUrl,
  },
  {
    name: 'webhook_secret',
    secret: true,
    generated: true,
    description:
      'What Telegram proves its webhooks with. Generated when it is not given; after a change run subscribe.',
    check: (value) =>
      /^[\w-]{1,256}$/.test(value) ? undefined : 'must be 1 to 256 letters, digits, dashes or underscores',
  },
  {
    name: 'pace',
    description: 'Messages per second. Lowers what Telegram allows (30), never raises it.',
    check: (value) =>
      /^\d{1,4}(\.\d{1,3})?$/.test(value) && Number(value) > 0
        ? undefined
        : 'must be messages per second: a positive number up to 9999.999',
  },
  {
    name: 'pair_pace',
    values: ['lenient', 'strict'],
    default: 'lenient',
    description:
      'strict keeps to one message a second to one person (3 seconds: to a group); lenient lets a few go at once.',
  },
  {
    name: 'in_doubt',
    values: ['resend', 'fail'],
    default: 'fail',
    description: 'What to do with a message of which it is not known whether Telegram took it. Telegram never tells.',
  },
];

/** Nothing that comes later settles a message in doubt, so nothing is waited for. */
const SETTLE_MS = 1_000;

export function policies(settings: Settings): DeliveryPolicies {
  const pace = Number(settings['pace'] ?? 0);
  return {
    windowUnknown: 'try',
    inDoubt: settings['in_doubt'] === 'resend' ? 'resend' : 'fail',
    settleMs: SETTLE_MS,
    pairPace: settings['pair_pace'] === 'strict' ? 'strict' : 'lenient',
    ...(pace > 0 && { pace }),
  };
}

/** Asks Telegram whose token it is (core.telegram.org/bots/api, getMe). */
export async function verifySettings(call: GatewayCall): Promise<SettingsVerdict> {
  const answer = await botClient(call).call({ method: 'getMe' });
  if (answer.status === 'unreachable') return answer;
  if (answer.status === 'ok') return { status: 'ok' };
  const detail = `Telegram does not accept the token: ${answer.remote.message}`;
  return { status: 'refused', code: 'telegram.token.invalid', detail, key: 'token' };
}

function webUrl(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isBare = url !== undefined && !url.username && !url.password && !url.search && !url.hash;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isBare && isWeb ? undefined : 'must be an http or https URL without user, query or fragment';
}
