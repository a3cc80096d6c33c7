import type { CallOutcome, JsonObject, JsonValue, RemoteError } from '../../contract/index.js';
import { asList, asNumber, asObject, asText, defined } from '../wire/index.js';

/**
 * Codes that say "later", not "no" (Meta: whatsapp/support/error-codes; graph-api/guides/error-handling): unknown and service
 * errors, and the call limits of app, user, page, business.
 */
const PASSING = new Set<number | string>([1, 2, 4, 17, 32, 613, 80007]);

/** Codes that say that the token itself is of no use. */
const TOKEN = new Set<number | string>([0, 102, 104, 190]);

/** The error body of a Graph answer, `{"error": {…}}`; undefined when the body is somebody else's (a proxy's page). */
export function readGraphError(body: JsonValue | undefined, httpStatus: number): RemoteError | undefined {
  const error = asObject(asObject(body)?.['error']);
  if (error === undefined) return undefined;
  const code = asNumber(error['code']);
  const message = asText(error['message']) ?? asText(error['error_user_msg']);
  if (code === undefined && (message === undefined || asText(error['type']) === undefined)) return undefined;
  return defined({
    code: code ?? `http.${httpStatus}`,
    message: message ?? `HTTP ${httpStatus}`,
    subcode: asNumber(error['error_subcode']),
    details: details(error) ?? asText(error['error_user_msg']),
    type: asText(error['type']),
    traceId: asText(error['fbtrace_id']),
    httpStatus,
  });
}

/** The first of `errors[]` in a webhook, under `value`, a message or a status (Meta: whatsapp/support/error-codes). */
export function readWebhookError(errors: JsonValue | undefined): RemoteError | undefined {
  const error = asList(errors).map(asObject).find(Boolean);
  if (error === undefined) return undefined;
  const title = asText(error['title']) ?? asText(error['message']) ?? 'no reason given';
  return defined({ code: asNumber(error['code']) ?? 'unknown', message: title, details: details(error) });
}

/** `error_data` is an object with `details`, or just a string. */
function details(error: JsonObject): string | undefined {
  return asText(error['error_data']) ?? asText(asObject(error['error_data'])?.['details']);
}

/** A refusal that asking again later may turn into an answer, so that nothing may be concluded from it. */
export function isPassing(remote: RemoteError): boolean {
  return PASSING.has(remote.code) || (remote.httpStatus ?? 0) >= 500;
}

/** For reads that must be complete or not at all: "ask later" counts as no answer. */
export function passingAsUnreachable<T>(outcome: CallOutcome<T>): CallOutcome<T> {
  if (outcome.status !== 'refused' || !isPassing(outcome.remote)) return outcome;
  return { status: 'unreachable', reason: `Meta answered ${outcome.remote.code}: ${outcome.remote.message}` };
}

export function isTokenRefusal(remote: RemoteError): boolean {
  return TOKEN.has(remote.code);
}
