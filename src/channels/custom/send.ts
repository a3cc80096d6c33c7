import {
  type AccountCall,
  type CallOutcome,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type OutboundMessage,
  type OutboundPart,
  type ProviderAnswer,
  type RemoteError,
  type SendOutcome,
  type Settings,
} from '../../contract/index.js';
import { errorOf } from './parse.js';
import { asId, defined } from './read.js';
import { scrub, scrubError } from '../wire/index.js';
import { post, secretsOf } from './post.js';

type Answered = Extract<ProviderAnswer, { status: 'answered' }>;

/** A proxy says these of a server that it got no answer from: the message may have been taken. */
const NOT_THEIR_WORD = new Set([502, 504]);

export function render({ to, content, replyTo }: OutboundMessage): OutboundPart {
  const person = defined({ userId: to.userId, phone: to.phone });
  return { payload: defined({ to: person, content: content as unknown as JsonValue, replyTo }) };
}

/**
 * Posts one message, signed as the Standard Webhooks specification says. The attempt is the id of the request and the idempotency
 * key; a status that carries it settles what became of it when no answer came back.
 */
export async function send(part: OutboundPart, attempt: string, call: AccountCall, now: Date): Promise<SendOutcome> {
  const { account, gateway, settings } = call;
  const envelope: JsonObject = { type: 'message', attempt, gateway: gateway.uri, account: account.address };
  const answer = await post({ ...envelope, ...part.payload }, attempt, call, now);
  const hidden = secretsOf(settings);
  if (answer.status === 'answered') return hide(judge(answer, attempt, now), hidden);
  const { sent, afterMs } = answer;
  const reason = scrub(answer.reason, hidden);
  if (sent) return { status: 'unknown', reason };
  return { status: 'unsent', reason, ...(afterMs !== undefined && { afterMs }) };
}

/** The other side knows our secrets, and may say them when it says what it could not check. */
function hide(outcome: SendOutcome, secrets: readonly (string | undefined)[]): SendOutcome {
  return outcome.status === 'refused' ? { ...outcome, remote: scrubError(outcome.remote, secrets) } : outcome;
}

/** Any 2xx takes the message; without an id of theirs, the attempt names it from then on. */
function judge(answer: Answered, attempt: string, now: Date): SendOutcome {
  const { httpStatus } = answer;
  const said = parseJson(answer.text);
  if (httpStatus >= 200 && httpStatus < 300) {
    return { status: 'accepted', providerId: asId(isJsonObject(said) ? said['id'] : undefined) ?? attempt };
  }
  const afterMs = retryAfter(answer.headers['retry-after'], now);
  if (NOT_THEIR_WORD.has(httpStatus) && !errorIn(said) && afterMs === undefined) {
    return { status: 'unknown', reason: `HTTP ${httpStatus} without an error of the other side's` };
  }
  return { status: 'refused', remote: refusalOf(answer), ...(afterMs !== undefined && { afterMs }) };
}

/** What became of what is no message. */
export function outcomeOf(answer: ProviderAnswer, settings: Settings): CallOutcome {
  const hidden = secretsOf(settings);
  if (answer.status !== 'answered') return { status: 'unreachable', reason: scrub(answer.reason, hidden) };
  if (answer.httpStatus >= 200 && answer.httpStatus < 300) return { status: 'ok', value: undefined };
  return { status: 'refused', remote: scrubError(refusalOf(answer), hidden) };
}

/** What an answer other than 2xx says. */
function refusalOf({ httpStatus, text }: Pick<Answered, 'httpStatus' | 'text'>): RemoteError {
  const named = errorIn(parseJson(text));
  const message = named?.message ?? `The other side answered HTTP ${httpStatus}`;
  const isNamed = named !== undefined && named.code !== 'unknown';
  return { code: isNamed ? named.code : `http.${httpStatus}`, message, httpStatus };
}

/** `{"error": {"code", "message"}}`, or a problem of RFC 9457. */
function errorIn(said: JsonValue | undefined): RemoteError | undefined {
  if (!isJsonObject(said)) return undefined;
  return errorOf(said['error']) ?? errorOf({ code: said['code'], message: said['detail'] ?? said['title'] });
}

/** Seconds, or an HTTP date. */
function retryAfter(header: string | readonly string[] | undefined, now: Date): number | undefined {
  const value = typeof header === 'string' || header === undefined ? header : header[0];
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined; // an empty body, or words: only what is JSON says more than the status
  }
}
