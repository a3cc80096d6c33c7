import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { isPrivateAddress } from '../platform/http-client/private-address.js';
import { isPlainText } from '../platform/http/is-plain-text.js';
import { type FieldError, Problem } from '../platform/problem/problem.js';
import { isMasked } from '../platform/secrets/cipher.js';
import type { BotDto } from './bot.dto.js';
import { DEFAULT_BOT_EVENTS } from './bot-event-types.js';
import type { BotSettings } from './stored-bot.js';

/** Deliveries are signed with the old secret too for this long after a change. */
const OVERLAP_MS = 24 * 60 * 60 * 1000;
const DEFAULT_TIMEOUT_SECONDS = 10;
const SECRET_PREFIX = 'whsec_';

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
  const url = given.url ?? current?.url;
  if (url === undefined) throw malformed('bot.url', 'required', 'bot.url is required');
  judgeUrl(url, options.allowPrivateUrls);
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
      timeoutSeconds: given.timeoutSeconds ?? current?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      events: given.events ? [...new Set(given.events)] : (current?.events ?? DEFAULT_BOT_EVENTS),
    },
    secretGenerated: secret.generated,
  };
}

function secretOf(
  given: string | undefined,
  current: BotSettings | undefined,
): { readonly value: string; readonly generated: boolean } {
  if (given === undefined || (isMasked(given) && current)) {
    if (current) return { value: current.secret, generated: false };
    return { value: SECRET_PREFIX + randomBytes(32).toString('base64'), generated: true };
  }
  const body = given.startsWith(SECRET_PREFIX) ? given.slice(SECRET_PREFIX.length) : '';
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(body) ? Buffer.from(body, 'base64').length : 0;
  if (bytes >= 16 && bytes <= 128) return { value: given, generated: false };
  throw malformed('bot.secret', 'malformed', `bot.secret must be ${SECRET_PREFIX} and base64 of 16 to 128 bytes`);
}

function judgeUrl(given: string, allowPrivateUrls: boolean): void {
  const url = isPlainText(given) && URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
    throw malformed('bot.url', 'malformed', 'bot.url must be an http:// or https:// URL without credentials');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isPrivate = isIP(host) ? isPrivateAddress(host) : host === 'localhost' || host.endsWith('.localhost');
  if (!isPrivate || allowPrivateUrls) return;
  const message = `${host} is a private address; ALLOW_PRIVATE_URLS=true permits it`;
  throw new Problem(422, 'bot.url.private', `bot.url cannot be used: ${message}.`, [
    { path: 'bot.url', code: 'bot.url.private', message },
  ]);
}

function malformed(path: string, code: string, message: string): Problem {
  const errors: FieldError[] = [{ path, code, message }];
  return new Problem(400, 'validation.failed', `${message}.`, errors);
}
