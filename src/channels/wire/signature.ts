import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Verification } from '../../contract/index.js';

export interface HmacProof {
  /** the bytes as they were received: JSON that was parsed and printed again is another text */
  readonly body: Buffer;
  readonly header: string | readonly string[] | undefined;
  /** any of them will do: a secret is rotated while its old signatures are still on the way. Absent ones do not count */
  readonly secrets: readonly (string | undefined)[];
  /** what stands before the signature in the header, such as `sha256=` */
  readonly prefix?: string;
}

/** Whether a header holds the HMAC-SHA256 of the body in hex. */
export function verifyHmac({ body, header, secrets, prefix = '' }: HmacProof): Verification {
  const keys = secrets.filter((secret) => secret !== undefined && secret !== '') as string[];
  if (keys.length === 0) return { ok: false, why: 'not-configured' };
  const given = typeof header === 'string' || header === undefined ? header : header[0];
  if (!given) return { ok: false, why: 'unsigned' };
  const isPrefixed = given.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase();
  const hex = isPrefixed ? given.slice(prefix.length) : '';
  if (!/^[0-9a-f]{64}$/i.test(hex)) return { ok: false, why: 'forged' };
  const signature = Buffer.from(hex, 'hex');
  // all are compared, so that the time taken says nothing
  const matches = keys.map((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature));
  return matches.includes(true) ? { ok: true } : { ok: false, why: 'forged' };
}

/** Equality whose duration tells nothing, not even about the length. */
export function equalsInConstantTime(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
