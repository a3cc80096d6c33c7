import { deliverySettings, printable, type SettingKey, type Settings, webUrl } from '../../contract/index.js';
import { DEFAULT_URL } from './transport.js';

export const settingKeys: readonly SettingKey[] = [
  {
    name: 'api_key',
    required: true,
    secret: true,
    description: 'API key of the one number that this gateway serves, from the 360dialog Hub.',
    check: printable,
  },
  {
    name: 'webhook_secret',
    secret: true,
    shownOnce: true,
    generated: true,
    description:
      'What webhooks carry as "Authorization: Bearer …"; subscribe registers it with the callback. Also checks x-360dialog-signature. Generated when it is not given.',
    check: printable,
  },
  {
    name: 'base_url',
    default: DEFAULT_URL,
    description: 'Base URL of the Messaging API; of the sandbox: https://waba-sandbox.360dialog.io.',
    check: webUrl,
  },
  ...deliverySettings(
    'window_unknown',
    'in_doubt',
    'settle_seconds',
    'pace',
    'pair_pace',
    'portfolio',
    'echo_pause_minutes',
    'auto_read',
    'require_opt_in',
    'opt_out_words',
    'opt_in_words',
  ),
];

export function warnings(settings: Settings): readonly string[] {
  if (settings['webhook_secret']) return [];
  return ['webhook_secret is not set: webhooks are refused (401 webhook.secret.missing) until it is.'];
}
