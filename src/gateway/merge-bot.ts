import { isMasked } from '../platform/secrets/cipher.js';
import type { BotDto } from './bot.dto.js';
import { DEFAULT_BOT_EVENTS } from './bot-event-types.js';
import { judgeSecret, judgeUrl, malformed, newSecret } from './judge-target.js';
import type { BotSettings, InProcessBotSettings, WebhookBotSettings } from './stored-bot.js';

/** Deliveries are signed with the old secret too for this long after a change. */
const OVERLAP_MS = 24 * 60 * 60 * 1000;
const DEFAULT_TIMEOUT_SECONDS = 10;

export interface MergedBot {
  readonly bot: BotSettings;
  /** whether the secret was made here: nobody has seen it yet */
  readonly secretGenerated: boolean;
}

/**
 * The bot there is, if any, and what was given, become one. Saying anything about a bot that was switched off by its own 410
 * switches it on again.
 *
 * @throws Problem 400 for what is malformed, 422 `bot.url.private`
 */
export function mergeBot(
  given: BotDto,
  current: BotSettings | undefined,
  options: { readonly allowPrivateUrls: boolean; readonly now: Date },
): MergedBot {
  const type = given.type ?? current?.type ?? 'webhook';
  if (type === 'in-process') return { bot: inProcess(given, current), secretGenerated: false };
  return mergeWebhook(given, current, options);
}

/** A provider in the process: it is neither called nor signed for. */
function inProcess(given: BotDto, current: BotSettings | undefined): InProcessBotSettings {
  for (const field of ['url', 'secret'] as const) {
    if (given[field] === undefined) continue;
    throw malformed(
      `bot.${field}`,
      'unexpected',
      `bot.${field} is of a bot of the type webhook: leave it out, or send "type": "webhook"`,
    );
  }
  return { type: 'in-process', ...commonOf(given, current) };
}

function mergeWebhook(
  given: BotDto,
  before: BotSettings | undefined,
  options: { readonly allowPrivateUrls: boolean; readonly now: Date },
): MergedBot {
  const current = before?.type === 'webhook' ? before : undefined;
  const url = given.url ?? current?.url;
  if (url === undefined) throw malformed('bot.url', 'required', 'bot.url is required');
  judgeUrl(url, 'bot.url', 'bot', options.allowPrivateUrls);
  const secret = secretOf(given.secret, current);
  const changed = current && secret.value !== current.secret;
  const previous = changed
    ? { secret: current.secret, until: new Date(options.now.getTime() + OVERLAP_MS) }
    : current?.previous;
  return {
    bot: {
      type: 'webhook',
      url,
      secret: secret.value,
      ...(previous && previous.until > options.now && { previous }),
      ...commonOf(given, before),
    },
    secretGenerated: secret.generated,
  };
}

function commonOf(
  given: BotDto,
  current: BotSettings | undefined,
): { readonly timeoutSeconds: number; readonly events: readonly string[] } {
  return {
    timeoutSeconds: given.timeoutSeconds ?? current?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    events: given.events ? [...new Set(given.events)] : (current?.events ?? DEFAULT_BOT_EVENTS),
  };
}

function secretOf(
  given: string | undefined,
  current: WebhookBotSettings | undefined,
): { readonly value: string; readonly generated: boolean } {
  if (given === undefined || (isMasked(given) && current)) {
    if (current) return { value: current.secret, generated: false };
    return { value: newSecret(), generated: true };
  }
  return { value: judgeSecret(given, 'bot.secret'), generated: false };
}
