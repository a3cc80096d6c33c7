import type {
  CallOutcome,
  JsonObject,
  JsonValue,
  ProviderAnswer,
  ProviderHttp,
  ProviderRequest,
  RemoteError,
  SendOutcome,
} from '../../contract/index.js';
import type { Multipart } from './multipart.js';
import { asNumber, defined, parseJson } from './read-json.js';
import { scrub, scrubError } from './scrub.js';

export interface ApiRequest {
  /** @default GET */
  readonly method?: ProviderRequest['method'];
  /** below the base, without a slash before it */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: JsonObject;
  readonly form?: Readonly<Record<string, string>>;
  readonly multipart?: Multipart;
  /** whole exchange, in milliseconds */
  readonly timeoutMs?: number;
}

type Answered = Extract<ProviderAnswer, { status: 'answered' }>;

/** What came back, before anybody decides what it means. */
export type ApiAnswer =
  | { readonly status: 'ok'; readonly body: JsonValue }
  /** the network's own words, whatever the HTTP status */
  | { readonly status: 'refused'; readonly remote: RemoteError; readonly headers: Answered['headers'] }
  /** an answer that is not the network's: a proxy's page, nothing, no JSON */
  | { readonly status: 'odd'; readonly httpStatus: number; readonly reason: string }
  | { readonly status: 'failed'; readonly sent: boolean; readonly reason: string; readonly afterMs?: number };

/** Nothing came back, or nothing of the network's. */
export type Unanswered = Extract<ApiAnswer, { status: 'odd' | 'failed' }>;

/** What the answer to a message that was taken names. */
export type Accepted = Omit<Extract<SendOutcome, { status: 'accepted' }>, 'status'>;

export interface ApiClient {
  request(request: ApiRequest): Promise<ApiAnswer>;
  /** the same for calls that only need an answer or a reason */
  call(request: ApiRequest): Promise<CallOutcome<JsonValue>>;
  /**
   * The same for the call that puts a message on the wire, as `OutboundFacet.send` has to answer: what may have arrived is never
   * taken for refused.
   *
   * @param accepted what the answer names; undefined: no message
   */
  send(request: ApiRequest, accepted: (body: JsonValue) => Accepted | undefined): Promise<SendOutcome>;
}

/** Where an API is, as whom it is asked, and how it says no. */
export interface ApiAccess {
  /** before the path, without a slash at its end */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** what every call carries beside its own query */
  readonly query?: Readonly<Record<string, string>>;
  /** never to be seen in a reason or an error */
  readonly secrets: readonly (string | undefined)[];
  /** the network's own error in an answer; undefined: there is none, or it is somebody else's whom we do not know */
  readonly readError: (body: JsonValue | undefined, httpStatus: number) => RemoteError | undefined;
}

/** A network's JSON API over the client that the core lends. */
export function apiClient(http: ProviderHttp, access: ApiAccess): ApiClient {
  async function request(asked: ApiRequest): Promise<ApiAnswer> {
    const answer = await http.request({
      method: asked.method ?? 'GET',
      url: urlOf(access, asked),
      headers: { accept: 'application/json', ...access.headers, ...contentType(asked) },
      ...(asked.json && { body: JSON.stringify(asked.json) }),
      ...(asked.form && { body: new URLSearchParams(asked.form).toString() }),
      ...(asked.multipart && { stream: asked.multipart.body }),
      ...(asked.timeoutMs !== undefined && { timeoutMs: asked.timeoutMs }),
    });
    if (answer.status === 'failed') return { ...answer, reason: scrub(answer.reason, access.secrets) };
    return read(answer, access);
  }

  return {
    request,
    call: async (asked) => toCallOutcome(await request(asked)),
    send: async (asked, accepted) => toSendOutcome(await request(asked), accepted),
  };
}

function urlOf({ base, query: always }: ApiAccess, asked: ApiRequest): string {
  const query = new URLSearchParams({ ...asked.query, ...always }).toString();
  return `${base}/${asked.path}${query && `?${query}`}`;
}

function contentType({ json, form, multipart }: ApiRequest): Readonly<Record<string, string>> {
  if (json) return { 'content-type': 'application/json' };
  if (form) return { 'content-type': 'application/x-www-form-urlencoded' };
  return multipart?.headers ?? {};
}

function read(answer: Answered, { readError, secrets }: ApiAccess): ApiAnswer {
  const { httpStatus } = answer;
  const body = httpStatus === 204 ? null : parseJson(answer.text);
  const remote = readError(body, httpStatus);
  if (remote) return { status: 'refused', remote: scrubError(remote, secrets), headers: answer.headers };
  const isSuccess = httpStatus >= 200 && httpStatus < 300;
  if (isSuccess && body !== undefined) return { status: 'ok', body };
  return {
    status: 'odd',
    httpStatus,
    reason: `HTTP ${httpStatus} without ${isSuccess ? 'JSON' : 'the network’s error'}`,
  };
}

/** No answer of the network's, or a broken server on the way, is "unreachable"; a 4xx is a refusal even when it says nothing. */
function toCallOutcome(answer: ApiAnswer): CallOutcome<JsonValue> {
  switch (answer.status) {
    case 'ok':
      return { status: 'ok', value: answer.body };
    case 'refused':
      return { status: 'refused', remote: answer.remote };
    case 'failed':
    case 'odd':
      return unansweredCall(answer);
  }
}

/** What no answer of the network's means for a call that only needs an answer or a reason. */
export function unansweredCall(answer: Unanswered): CallOutcome<never> {
  const isRefusal = answer.status === 'odd' && answer.httpStatus >= 400 && answer.httpStatus < 500;
  if (isRefusal) return { status: 'refused', remote: httpRefusal(answer.httpStatus, answer.reason) };
  return { status: 'unreachable', reason: answer.reason };
}

function toSendOutcome(answer: ApiAnswer, accepted: (body: JsonValue) => Accepted | undefined): SendOutcome {
  switch (answer.status) {
    case 'ok': {
      const named = accepted(answer.body);
      return named ? { status: 'accepted', ...named } : { status: 'unknown', reason: 'the answer names no message id' };
    }
    case 'refused':
      return defined({ status: 'refused' as const, remote: answer.remote, afterMs: afterMs(answer.headers) });
    case 'odd':
    case 'failed':
      return unansweredSend(answer);
  }
}

/** And for a message: a proxy that says 4xx, or sends us elsewhere, has not passed it on; one that breaks (5xx) may have. */
export function unansweredSend(answer: Unanswered): SendOutcome {
  const { reason } = answer;
  if (answer.status === 'odd') {
    const isRefusal = answer.httpStatus >= 300 && answer.httpStatus < 500;
    return isRefusal
      ? { status: 'refused', remote: httpRefusal(answer.httpStatus, reason) }
      : { status: 'unknown', reason };
  }
  if (answer.sent) return { status: 'unknown', reason };
  return defined({ status: 'unsent' as const, reason, afterMs: answer.afterMs });
}

function afterMs(headers: Answered['headers']): number | undefined {
  const seconds = asNumber(headers['retry-after']);
  return seconds !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
}

/** An answer that refuses and names no code. */
export function httpRefusal(httpStatus: number, message: string): RemoteError {
  return { code: `http.${httpStatus}`, message, httpStatus };
}
