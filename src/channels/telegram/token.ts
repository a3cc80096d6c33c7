import type { Settings } from '../../contract/index.js';

/** `<id of the bot>:<secret>` (core.telegram.org/bots/api, "Authorizing your bot"). */
const TOKEN = /^(\d{1,20}):([\w-]+)$/;

export function isToken(value: string): boolean {
  return TOKEN.test(value);
}

/** The bot that a token belongs to: its webhooks do not say. */
export function botIdOf(settings: Settings): string | undefined {
  return TOKEN.exec(settings['token'] ?? '')?.[1];
}

export function tokenSecret(settings: Settings): string | undefined {
  return TOKEN.exec(settings['token'] ?? '')?.[2];
}
