import { randomBytes } from 'node:crypto';
import { deliverySettings, type SettingKey, type Settings, webUrl } from '../../contract/index.js';
import { accountsOf } from './read.js';
import { checkSecret } from './signature.js';

const MAX_ACCOUNTS = 100;

export const settingKeys: readonly SettingKey[] = [
  { name: 'url', required: true, description: 'Where messages to people are posted, signed.', check: checkUrl },
  {
    name: 'secret',
    secret: true,
    shownOnce: true,
    generated: true,
    generate: () => `whsec_${randomBytes(32).toString('base64')}`,
    description:
      'Signs what is posted, and checks what comes in (Standard Webhooks): whsec_ and base64. Generated when it is not given.',
    check: checkSecret,
  },
  {
    name: 'inbound_secret',
    secret: true,
    description: 'Checks what comes in, where that is to have a secret of its own.',
    check: checkSecret,
  },
  {
    name: 'secret_previous',
    secret: true,
    description: 'The secret before the last rotation: its signatures are still accepted, and it still signs as well.',
    check: checkSecret,
  },
  {
    name: 'accounts',
    description:
      'Names of the senders, separated by commas, as id or id=Name; ids are unique among all gateways. Without it, one with the id of the gateway’s uri.',
    check: checkAccounts,
  },
  { name: 'api_url', description: 'Base URL in place of scheme and host of url, for tests.', check: webUrl },
  {
    name: 'tolerance_seconds',
    default: '300',
    description: 'How far the timestamp of what comes in may be from now.',
    check: (value) => (/^[1-9]\d{0,4}$/.test(value) ? undefined : 'must be a whole number of seconds, 1 to 99999'),
  },
  ...deliverySettings(
    'in_doubt',
    'settle_seconds',
    'pace',
    'auto_read',
    'require_opt_in',
    'opt_out_words',
    'opt_in_words',
  ),
];

function checkUrl(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isWeb && !url.username && !url.password && !url.hash
    ? undefined
    : 'must be an http or https URL without user or fragment';
}

function checkAccounts(value: string): string | undefined {
  const given = accountsOf({ accounts: value }, { uri: '' });
  const odd = given.find(({ address, name }) => !/^[\w.-]{1,64}$/.test(address) || name.length > 128);
  if (odd) {
    return `must be ids of 1 to 64 letters, digits, dots, dashes or underscores, each with a name after = if wanted; given is "${odd.address.slice(0, 64)}"`;
  }
  if (given.length > MAX_ACCOUNTS) return `must not name more than ${MAX_ACCOUNTS} accounts`;
  return new Set(given.map(({ address }) => address)).size === given.length ? undefined : 'names an account twice';
}

export function warnings(settings: Settings): readonly string[] {
  const isPlain = settings['url']?.startsWith('http:') && settings['api_url'] === undefined;
  return isPlain ? ['url is not https: who listens in reads the messages, though nobody can forge them.'] : [];
}
