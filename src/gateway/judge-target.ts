import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { isPrivateAddress } from '../platform/http-client/private-address.js';
import { isPlainText } from '../platform/http/is-plain-text.js';
import { type FieldError, Problem } from '../platform/problem/problem.js';

/** What people give of a place that events go to, a bot or a webhook: one set of rules for both. */

const SECRET_PREFIX = 'whsec_';

export function newSecret(): string {
  return SECRET_PREFIX + randomBytes(32).toString('base64');
}

/** @throws Problem 400 */
export function judgeSecret(given: string, path: string): string {
  const body = given.startsWith(SECRET_PREFIX) ? given.slice(SECRET_PREFIX.length) : '';
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(body) ? Buffer.from(body, 'base64').length : 0;
  if (bytes >= 16 && bytes <= 128) return given;
  throw malformed(path, 'malformed', `${path} must be ${SECRET_PREFIX} and base64 of 16 to 128 bytes`);
}

/** @throws Problem 400 for what is no URL, 422 `<what>.url.private` */
export function judgeUrl(
  given: string,
  path: string,
  what: 'bot' | 'webhook' | 'media',
  allowPrivateUrls: boolean,
): void {
  const url = isPlainText(given) && URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
    throw malformed(path, 'malformed', `${path} must be an http:// or https:// URL without credentials`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isPrivate = isIP(host) ? isPrivateAddress(host) : host === 'localhost' || host.endsWith('.localhost');
  if (!isPrivate || allowPrivateUrls) return;
  const code = `${what}.url.private`;
  const message = `${host} is a private address; ALLOW_PRIVATE_URLS=true permits it`;
  throw new Problem(422, code, `${path} cannot be used: ${message}.`, [{ path, code, message }]);
}

export function malformed(path: string, code: string, message: string): Problem {
  const errors: FieldError[] = [{ path, code, message }];
  return new Problem(400, 'validation.failed', `${message}.`, errors);
}
