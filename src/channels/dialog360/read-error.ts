import type { JsonValue, RemoteError } from '../../contract/index.js';
import { asObject, asObjects, asText, defined, readGraphError } from '../graph/index.js';

/** What 360dialog means by a status that it uses for several things (360dialog: docs/support/api-error-message-list). */
const MEANINGS: readonly (readonly [httpStatus: number, words: RegExp, code: string])[] = [
  [400, /rate limit/i, '360dialog.rate'],
  [400, /payment|invoice/i, '360dialog.unpaid'],
  [400, /disabled/i, '360dialog.disabled'],
];

/**
 * Meta's own error, which 360dialog passes on as it is, or one of 360dialog's. What breaks behind 360dialog (500, 502) is no answer
 * of anybody who knows: Meta may have taken the message, so it is left for the receipt to tell.
 */
export function readError(body: JsonValue | undefined, httpStatus: number): RemoteError | undefined {
  const ofMeta = readGraphError(body, httpStatus);
  if (ofMeta) return ofMeta;
  const message = messageIn(body);
  if (message === undefined || httpStatus < 400 || httpStatus >= 500) return undefined;
  const meaning = MEANINGS.find(([status, words]) => status === httpStatus && words.test(message));
  const traceId = asText(asObject(asObject(body)?.['meta'])?.['360dialog_trace_id']);
  return defined({ code: meaning?.[2] ?? `http.${httpStatus}`, message, traceId, httpStatus });
}

/** Its words stand in several places, by endpoint and age: `error`, `meta.developer_message`, `errors[]`, `detail`. */
function messageIn(body: JsonValue | undefined): string | undefined {
  const said = asObject(body);
  const error = asObject(said?.['error']);
  const [first] = asObjects(said?.['errors']);
  return (
    asText(said?.['error']) ??
    asText(error?.['message']) ??
    asText(asObject(said?.['meta'])?.['developer_message']) ??
    asText(first?.['details']) ??
    asText(first?.['title']) ??
    asText(said?.['detail']) ??
    asText(said?.['message'])
  );
}
