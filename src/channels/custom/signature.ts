import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const PREFIX = 'whsec_';

/** What a request carries that proves who sent it, and when. */
export interface Signed {
  readonly id: string;
  /** seconds since 1970 */
  readonly timestamp: string;
  readonly body: string | Buffer;
}

/** One `v1,<base64>` of the Standard Webhooks specification: HMAC-SHA256 over id, time and the bytes of the body. */
export function sign(secret: string, { id, timestamp, body }: Signed): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

/** Whether one of the signatures in the header, which are parted by spaces, is by one of the secrets. */
export function isSigned(header: string, secrets: readonly string[], signed: Signed): boolean {
  const given = header.split(' ').map(digest);
  const expected = secrets.map((secret) => digest(sign(secret, signed)));
  // every pair is compared, so that the time taken says nothing
  return expected.map((one) => given.map((other) => timingSafeEqual(one, other)).includes(true)).includes(true);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Returns what is wrong with a secret, or undefined. */
export function checkSecret(value: string): string | undefined {
  const body = value.startsWith(PREFIX) ? value.slice(PREFIX.length) : '';
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(body) ? Buffer.from(body, 'base64').length : 0;
  return bytes >= 16 && bytes <= 128 ? undefined : `must be ${PREFIX} and base64 of 16 to 128 bytes`;
}
