import { createHmac } from 'node:crypto';
import type { ProviderAnswer } from '../contract/index.js';
import type { HttpClient } from '../platform/http-client/http-client.js';
import type { Addressee, Target } from './addressees.service.js';
import type { Delivery } from './event-queue.repository.js';

export type CallResult =
  | { readonly result: 'delivered'; readonly text: string }
  | { readonly result: 'failed'; readonly reason: string; readonly retryAfterMs?: number }
  /** it is not wanted there: it is not told again */
  | { readonly result: 'refused'; readonly reason: string }
  /** 410: it wants no more */
  | { readonly result: 'gone' };

/** Calls a bot or a webhook, signed as the Standard Webhooks specification says; during a rotation with both secrets. */
export async function callTarget(
  http: HttpClient,
  { kind, target }: { readonly kind: Addressee['kind']; readonly target: Target },
  delivery: Delivery,
  now: Date,
): Promise<CallResult> {
  const id = `evt_${delivery.eventId}`;
  const body = JSON.stringify({ ...delivery.body, attempt: delivery.attempts + 1 });
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const secrets = [target.secret, ...(target.previous && target.previous.until > now ? [target.previous.secret] : [])];
  const answer = await http.request({
    method: 'POST',
    url: target.url,
    timeoutMs: target.timeoutSeconds * 1_000,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Patchbay',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': secrets.map((secret) => sign(secret, `${id}.${timestamp}.${body}`)).join(' '),
    },
    body,
  });
  return judge(answer, kind, now);
}

/** By the platform's own HMAC: the specification's package computes SHA-256 in JavaScript. */
function sign(secret: string, text: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

function judge(answer: ProviderAnswer, kind: Addressee['kind'], now: Date): CallResult {
  if (answer.status === 'failed') return { result: 'failed', reason: answer.reason };
  if (answer.httpStatus >= 200 && answer.httpStatus < 300) return { result: 'delivered', text: answer.text };
  if (answer.httpStatus === 410) return { result: 'gone' };
  const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], now);
  return {
    result: 'failed',
    reason: `the ${kind} answered ${answer.httpStatus}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** Seconds, or an HTTP date. */
function parseRetryAfter(value: string | string[] | undefined, now: Date): number | undefined {
  const text = Array.isArray(value) ? value[0] : value;
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
