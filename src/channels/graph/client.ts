import type {
  CallOutcome,
  GatewayCall,
  JsonObject,
  JsonValue,
  ProviderAnswer,
  ProviderHttp,
  RemoteError,
} from '../../contract/index.js';
import { type Multipart, parseJson, scrub, scrubError } from '../wire/index.js';
import { readGraphError } from './remote-error.js';
import { appSecretProof } from './signature.js';

export interface GraphRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** after the version, e.g. `me/businesses`; '' is the root, where many ids are read at once */
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
export type GraphAnswer =
  | { readonly status: 'ok'; readonly body: JsonValue }
  /** the other side's own error body, whatever the HTTP status */
  | { readonly status: 'refused'; readonly remote: RemoteError; readonly headers: Answered['headers'] }
  /** an answer that is not Meta's: a proxy's page, nothing, no JSON */
  | { readonly status: 'odd'; readonly httpStatus: number; readonly reason: string }
  | { readonly status: 'failed'; readonly sent: boolean; readonly reason: string; readonly afterMs?: number };

export interface GraphClient {
  request(request: GraphRequest): Promise<GraphAnswer>;
  /** the same for calls that only need an answer or a reason */
  call(request: GraphRequest): Promise<CallOutcome<JsonValue>>;
}

/** Where the API is and as whom it is asked: Meta's own, or somebody's who passes it on. */
export interface GraphAccess {
  /** before the path, version included, without a slash at its end */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** what every call carries beside its own query */
  readonly query?: Readonly<Record<string, string>>;
  /** never to be seen in a reason or an error */
  readonly secrets: readonly (string | undefined)[];
  /** the error body of an answer; undefined when it is nobody's whom we know. @default {@link readGraphError} */
  readonly readError?: (body: JsonValue | undefined, httpStatus: number) => RemoteError | undefined;
}

/** Used only where a gateway's settings carry neither; the gateway type fills them in from its options. */
const DEFAULT_URL = 'https://graph.facebook.com';
const DEFAULT_VERSION = 'v26.0';

/**
 * Meta's Graph API over the client that the core lends. Every call carries the token as a header (never in the URL, which
 * ends in logs) and, when the app secret is known, `appsecret_proof` for that very token.
 */
export function graphClient(call: GatewayCall, token = call.settings['whatsapp_token'] ?? ''): GraphClient {
  const { settings } = call;
  const secret = settings['client_secret'];
  const proof = secret ? appSecretProof(token, secret) : undefined;
  const base = (settings['graph_url'] ?? DEFAULT_URL).replace(/\/+$/, '');
  return clientOf(call.http, {
    base: `${base}/${settings['version'] ?? DEFAULT_VERSION}`,
    headers: { authorization: `Bearer ${token}` },
    ...(proof && { query: { appsecret_proof: proof } }),
    secrets: [
      token,
      ...['whatsapp_token', 'replaced_token', 'facebook_token', 'page_token'].map((name) => settings[name]),
      secret,
      settings['client_secret_previous'],
      proof,
      settings['verify_token'],
    ],
  });
}

/** The API by any way that leads to it. */
export function clientOf(http: ProviderHttp, access: GraphAccess): GraphClient {
  async function request(graph: GraphRequest): Promise<GraphAnswer> {
    const answer = await http.request({
      method: graph.method ?? 'GET',
      url: urlOf(access, graph),
      headers: { ...access.headers, accept: 'application/json', ...contentType(graph) },
      ...(graph.json && { body: JSON.stringify(graph.json) }),
      ...(graph.form && { body: new URLSearchParams(graph.form).toString() }),
      ...(graph.multipart && { stream: graph.multipart.body }),
      ...(graph.timeoutMs !== undefined && { timeoutMs: graph.timeoutMs }),
    });
    if (answer.status === 'failed') return { ...answer, reason: scrub(answer.reason, access.secrets) };
    return read(answer, access);
  }

  return { request, call: async (graph) => toOutcome(await request(graph)) };
}

/** Scheme, host and port of Graph as the gateway is set up. */
export function graphOrigin(settings: GatewayCall['settings']): string {
  return new URL(settings['graph_url'] ?? DEFAULT_URL).origin;
}

function urlOf({ base, query: always }: GraphAccess, graph: GraphRequest): string {
  const query = new URLSearchParams({ ...graph.query, ...always }).toString();
  return `${base}/${graph.path}${query && `?${query}`}`;
}

function contentType(graph: GraphRequest): Record<string, string> {
  if (graph.json) return { 'content-type': 'application/json' };
  if (graph.form) return { 'content-type': 'application/x-www-form-urlencoded' };
  if (graph.multipart) return graph.multipart.headers;
  return {};
}

function read(answer: Answered, { readError = readGraphError, secrets }: GraphAccess): GraphAnswer {
  const body = parseJson(answer.text);
  const remote = readError(body, answer.httpStatus);
  if (remote) return { status: 'refused', remote: scrubError(remote, secrets), headers: answer.headers };
  const isSuccess = answer.httpStatus >= 200 && answer.httpStatus < 300;
  if (isSuccess && body !== undefined) return { status: 'ok', body };
  const reason = `HTTP ${answer.httpStatus} without ${isSuccess ? 'JSON' : "Meta's error body"}`;
  return { status: 'odd', httpStatus: answer.httpStatus, reason };
}

/** No answer of Meta's, or a broken server on the way, is "unreachable"; a 4xx is a refusal even when it says nothing. */
function toOutcome(answer: GraphAnswer): CallOutcome<JsonValue> {
  switch (answer.status) {
    case 'ok':
      return { status: 'ok', value: answer.body };
    case 'refused':
      return { status: 'refused', remote: answer.remote };
    case 'failed':
      return { status: 'unreachable', reason: answer.reason };
    case 'odd':
      if (answer.httpStatus < 400 || answer.httpStatus >= 500) return { status: 'unreachable', reason: answer.reason };
      return { status: 'refused', remote: httpRefusal(answer.httpStatus, answer.reason) };
  }
}

export function httpRefusal(httpStatus: number, message: string): RemoteError {
  return { code: `http.${httpStatus}`, message, httpStatus };
}
