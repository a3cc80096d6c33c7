import { type Cipher, mask } from '../platform/secrets/cipher.js';
import { type EncryptedValue, openSecret } from './stored-metadata.js';

/** A bot as it is stored. */
export type StoredBot = StoredWebhookBot | InProcessBotSettings;

export interface StoredWebhookBot {
  readonly type: 'webhook';
  readonly url: string;
  readonly secret: EncryptedValue;
  /** still signed with until then, so that a receiver can change over */
  readonly previous?: EncryptedValue & { readonly until: string };
  readonly timeoutSeconds: number;
  readonly events: readonly string[];
  /** why it is no longer called: it answered 410 */
  readonly disabledReason?: string;
}

/** A provider in the process of a host application answers. It has no secret: it is stored as it is used. */
export interface InProcessBotSettings {
  readonly type: 'in-process';
  readonly timeoutSeconds: number;
  /** names, or `*` for all */
  readonly events: readonly string[];
  /** nobody has set it: it is what the provider says of itself, and follows the provider */
  readonly declared?: true;
  readonly disabledReason?: string;
}

/** A bot ready for use. Its secrets are in clear here: never log it. */
export type BotSettings = WebhookBotSettings | InProcessBotSettings;

export interface WebhookBotSettings {
  readonly type: 'webhook';
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  readonly previous?: { readonly secret: string; readonly until: Date };
  readonly timeoutSeconds: number;
  /** names, or `*` for all */
  readonly events: readonly string[];
  readonly disabledReason?: string;
}

export type OpenedBot =
  | { readonly status: 'none' }
  | { readonly status: 'open'; readonly bot: BotSettings }
  | { readonly status: 'unreadable'; readonly reason: string };

export function sealBot(bot: BotSettings, cipher: Cipher): StoredBot {
  if (bot.type === 'in-process') return bot;
  return {
    type: bot.type,
    url: bot.url,
    secret: { encrypted: cipher.encrypt(bot.secret) },
    ...(bot.previous && {
      previous: { encrypted: cipher.encrypt(bot.previous.secret), until: bot.previous.until.toISOString() },
    }),
    timeoutSeconds: bot.timeoutSeconds,
    events: bot.events,
    ...(bot.disabledReason !== undefined && { disabledReason: bot.disabledReason }),
  };
}

export function openBot(stored: StoredBot | null, cipher: Cipher): OpenedBot {
  if (!stored) return { status: 'none' };
  if (stored.type === 'in-process') return { status: 'open', bot: stored };
  const secret = openSecret(stored.secret.encrypted, cipher);
  if (!secret.ok) return { status: 'unreadable', reason: secret.reason };
  const previous = stored.previous && openSecret(stored.previous.encrypted, cipher);
  const { type, url, timeoutSeconds, events, disabledReason } = stored;
  return {
    status: 'open',
    bot: {
      type,
      url,
      secret: secret.value,
      ...(stored.previous &&
        previous?.ok && { previous: { secret: previous.value, until: new Date(stored.previous.until) } }),
      timeoutSeconds,
      events,
      ...(disabledReason !== undefined && { disabledReason }),
    },
  };
}

export interface BotView {
  readonly type: BotSettings['type'];
  /** of a webhook */
  readonly url?: string;
  readonly secret?: string;
  readonly timeoutSeconds: number;
  readonly events: readonly string[];
}

/** What people see, in a shape that may be sent back; the secret in clear only in the answer that made it. */
export function botView(stored: StoredBot, cipher: Cipher, secretInClear = false): BotView {
  if (stored.type === 'in-process') {
    const { type, timeoutSeconds, events } = stored;
    return { type, timeoutSeconds, events };
  }
  const secret = openSecret(stored.secret.encrypted, cipher);
  const value = secret.ok ? secret.value : '';
  return {
    type: stored.type,
    url: stored.url,
    secret: secretInClear ? value : mask(value),
    timeoutSeconds: stored.timeoutSeconds,
    events: stored.events,
  };
}
