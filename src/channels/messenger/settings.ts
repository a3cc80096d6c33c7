import { deliverySettings, printable, type SettingKey, type Settings, webUrl } from '../../contract/index.js';
import { SETUP_TOKEN } from '../page/index.js';

/** Where Meta's API is, unless a gateway's own metadata says otherwise. */
export interface MessengerOptions {
  readonly graphUrl: string;
  readonly graphVersion: string;
}

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
      name: SETUP_TOKEN,
      secret: true,
      description:
        'Access token of a user or system user with pages_messaging, pages_manage_metadata and pages_show_list (Instagram: instagram_basic and instagram_manage_messages too), for ?pages=setup and ?instagram=setup. whatsapp_token when it is not given.',
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
      name: 'oauth_config_id',
      description:
        'Configuration of Facebook Login for Business that setup with flow=oauth opens. It names its own permissions.',
      check: (value) => (/^\d{1,32}$/.test(value) ? undefined : 'must be the digits of the configuration id'),
    },
    {
      name: 'oauth_scopes',
      default: 'whatsapp_business_management,whatsapp_business_messaging',
      description:
        'Permissions that setup with flow=oauth asks for, separated by commas, where there is no oauth_config_id.',
      check: (value) =>
        /^[a-z0-9_]{1,64}(,[a-z0-9_]{1,64}){0,31}$/.test(value) ? undefined : 'must be permissions separated by commas',
    },
    {
      name: 'oauth_url',
      default: 'https://www.facebook.com',
      description: 'Where the login dialog is.',
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
    ),
    {
      name: 'responder_role',
      description:
        'Role of this app in conversation routing. Tells handovers to us from handovers to others where Meta names roles.',
      check: (value) =>
        /^[\w.-]{1,64}$/.test(value) ? undefined : 'must be 1 to 64 letters, digits, dots, dashes or underscores',
    },
    ...deliverySettings('require_opt_in', 'opt_out_words', 'opt_in_words'),
  ];
}

export function warnings(settings: Settings): readonly string[] {
  if (settings['verify_signature'] === 'off') {
    return ['verify_signature is off: anyone who knows the callback URI can pass for Meta. Set it to on.'];
  }
  if (!settings['client_secret']) {
    return ['client_secret is not set: webhooks are refused (401 webhook.secret.missing) until it is.'];
  }
  if (settings[SETUP_TOKEN] && !settings['client_id']) {
    return [
      'client_id is not set: what people write to pages comes to the callback of the app only, which cannot be registered without it.',
    ];
  }
  return [];
}
