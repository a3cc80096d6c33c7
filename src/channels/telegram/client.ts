import { randomUUID } from 'node:crypto';
import type {
  CallOutcome,
  GatewayCall,
  JsonObject,
  JsonValue,
  MediaUpload,
  ProviderAnswer,
  RemoteError,
  Settings,
} from '../../contract/index.js';
import { asId, asNumber, asObject, multipart, parseJson, scrub, scrubError, unansweredCall } from '../wire/index.js';
import { readError } from './errors.js';
import { tokenSecret } from './token.js';

export interface BotRequest {
  /** e.g. `sendMessage` */
  readonly method: string;
  readonly params?: JsonObject;
  /** sent along, in the parameter of that name */
  readonly file?: { readonly field: string; readonly upload: MediaUpload };
  /** whole exchange, in milliseconds */
  readonly timeoutMs?: number;
}

type Answered = Extract<ProviderAnswer, { status: 'answered' }>;

/** What came back, before anybody decides what it means. */
export type BotAnswer =
  | { readonly status: 'ok'; readonly result: JsonValue }
  /** Telegram's own words, whatever the HTTP status */
  | {
      readonly status: 'refused';
      readonly remote: RemoteError;
      /** `parameters.retry_after` */
      readonly afterMs?: number;
      /** `parameters.migrate_to_chat_id` */
      readonly movedTo?: string;
    }
  /** an answer that is not Telegram's: a proxy's page, nothing, no JSON */
  | { readonly status: 'odd'; readonly httpStatus: number; readonly reason: string }
  | { readonly status: 'failed'; readonly sent: boolean; readonly reason: string; readonly afterMs?: number };

export interface BotClient {
  request(request: BotRequest): Promise<BotAnswer>;
  /** the same for calls that only need an answer or a reason */
  call(request: BotRequest): Promise<CallOutcome<JsonValue>>;
}

export const DEFAULT_URL = 'https://api.telegram.org';

export function apiUrl(settings: Settings): string {
  return (settings['api_url'] ?? DEFAULT_URL).replace(/\/+$/, '');
}

/**
 * The Bot API over the client that the core lends (core.telegram.org/bots/api, "Making requests"): one method per call, parameters
 * as JSON, or as a form where a file goes along. The token stands in the path, so no URL may be told to anybody.
 */
export function botClient(call: GatewayCall): BotClient {
  const { settings } = call;
  const token = settings['token'] ?? '';
  const secrets = secretsOf(settings);

  async function request({ method, params = {}, file, timeoutMs }: BotRequest): Promise<BotAnswer> {
    const answer = await call.http.request({
      method: 'POST',
      url: `${apiUrl(settings)}/bot${token}/${method}`,
      ...(file ? formOf(params, file) : jsonOf(params)),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    if (answer.status === 'failed') return { ...answer, reason: scrub(answer.reason, secrets) };
    return read(answer, secrets);
  }

  return { request, call: async (one) => toOutcome(await request(one)) };
}

/** What must be in no error: the token, the half of it that is secret, and the secret of the webhook. */
export function secretsOf(settings: Settings): readonly (string | undefined)[] {
  return [settings['token'], tokenSecret(settings), settings['webhook_secret']];
}

function jsonOf(params: JsonObject) {
  return {
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(params),
  };
}

/** What is not text is JSON inside the form ("JSON-serialized", as the API calls it). */
function formOf(params: JsonObject, { field, upload }: NonNullable<BotRequest['file']>) {
  const fields = Object.entries(params).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  const { mimeType, size, filename = 'file' } = upload;
  const part = { name: field, filename, mimeType, size, read: () => upload.read() };
  const { headers, body } = multipart(Object.fromEntries(fields), part, `patchbay-${randomUUID()}`);
  return { headers, stream: body };
}

function read(answer: Answered, secrets: readonly (string | undefined)[]): BotAnswer {
  const body = asObject(parseJson(answer.text));
  if (body?.['ok'] === true && body['result'] !== undefined) return { status: 'ok', result: body['result'] };
  const remote = body?.['ok'] === false ? readError(body, answer.httpStatus) : undefined;
  if (!remote) {
    const reason = `HTTP ${answer.httpStatus} without an answer of the Bot API`;
    return { status: 'odd', httpStatus: answer.httpStatus, reason };
  }
  const parameters = asObject(body?.['parameters']);
  const seconds = asNumber(parameters?.['retry_after']);
  const movedTo = asId(parameters?.['migrate_to_chat_id']);
  return {
    status: 'refused',
    remote: scrubError(remote, secrets),
    ...(seconds !== undefined && seconds >= 0 && { afterMs: seconds * 1000 }),
    ...(movedTo !== undefined && { movedTo }),
  };
}

/** No answer of Telegram's, or a fault of its servers, is "unreachable"; so is "later". */
function toOutcome(answer: BotAnswer): CallOutcome<JsonValue> {
  switch (answer.status) {
    case 'ok':
      return { status: 'ok', value: answer.result };
    case 'refused':
      if (isPassing(answer.remote)) {
        return { status: 'unreachable', reason: `Telegram answered ${answer.remote.code}: ${answer.remote.message}` };
      }
      return { status: 'refused', remote: answer.remote };
    case 'failed':
    case 'odd':
      return unansweredCall(answer);
  }
}

function isPassing({ httpStatus = 0 }: RemoteError): boolean {
  return httpStatus === 429 || httpStatus === 420 || httpStatus >= 500;
}
