import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * `X-Hub-Signature-256: sha256=<hex>` is the HMAC-SHA256 of the bytes as received, keyed with the app secret (Meta:
 * webhooks/overview). The bytes matter: Meta escapes non-ASCII as `\uXXXX`, so JSON that was parsed and printed again never
 * matches. Several secrets, because an app's secret is rotated while its old signatures are still on the way.
 */
export function checkSignature(
  body: Buffer,
  header: string | readonly string[] | undefined,
  secrets: readonly string[],
): 'ok' | 'unsigned' | 'forged' {
  const given = typeof header === 'string' || header === undefined ? header : header[0];
  if (!given) return 'unsigned';
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(given)?.[1];
  if (hex === undefined) return 'forged';
  const signature = Buffer.from(hex, 'hex');
  const matches = secrets.map((secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature),
  );
  return matches.includes(true) ? 'ok' : 'forged';
}

/** `appsecret_proof`: shows that whoever uses the token also knows the app's secret (Meta: graph-api/guides/secure-requests). */
export function appSecretProof(token: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(token).digest('hex');
}

/** Equality whose duration tells nothing, not even about the length. */
export function equalsInConstantTime(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
