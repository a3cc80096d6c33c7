import type { JsonObject, JsonValue, OutboundPart, SendCall, SendOutcome } from '../../contract/index.js';
import { asId, asNumber, asObject, defined } from '../wire/index.js';
import { type BotAnswer, type BotRequest, botClient, httpRefusal } from './client.js';
import { providerIdOf } from './message-id.js';
import { asChatId, ATTACHED } from './render.js';

/** Large files over slow lines: Telegram names no time of its own. */
const TRANSFER_MS = 5 * 60_000;

/**
 * Puts one message on the wire. Telegram has no idempotency key and tells nothing afterwards, so what is not known stays unknown.
 * A group that goes by another id now is written to there at once: Telegram has refused the first call, so nothing goes twice.
 */
export async function send(part: OutboundPart, attempt: string, call: SendCall): Promise<SendOutcome> {
  const request = requestOf(part.payload, call);
  if (!request) {
    return { status: 'refused', remote: { code: '400.file', message: 'The file of this message is not at hand' } };
  }
  const client = botClient(call);
  const answer = await client.request(request);
  if (answer.status !== 'refused' || answer.movedTo === undefined) return toOutcome(answer, request, attempt);
  const moved = { ...request, params: { ...request.params, chat_id: asChatId(answer.movedTo) } };
  return toOutcome(await client.request(moved), moved, attempt);
}

/** undefined: it names a file that was not handed over. */
function requestOf({ method, ...params }: JsonObject, { files }: SendCall): BotRequest | undefined {
  const attached = Object.entries(params).find(([, value]) => typeof value === 'string' && value.startsWith(ATTACHED));
  if (!attached) return { method: String(method), params };
  const [field, value] = attached;
  const upload = files?.get(String(value).slice(ATTACHED.length));
  const { [field]: _, ...others } = params;
  return upload && { method: String(method), params: others, file: { field, upload }, timeoutMs: TRANSFER_MS };
}

function toOutcome(answer: BotAnswer, request: BotRequest, attempt: string): SendOutcome {
  switch (answer.status) {
    case 'ok':
      return { status: 'accepted', providerId: idIn(answer.result, request) ?? `${chatOf(request)}:${attempt}` };
    case 'refused': {
      const { remote, afterMs } = answer;
      const isGroupPace = remote.code === 429 && chatOf(request).startsWith('-');
      return defined({
        status: 'refused' as const,
        remote: isGroupPace ? { ...remote, code: '429.group' } : remote,
        afterMs,
      });
    }
    case 'odd':
      // a proxy that says 4xx, or sends us elsewhere, has not passed it on; one that breaks (5xx) may have
      if (answer.httpStatus >= 300 && answer.httpStatus < 500) {
        return { status: 'refused', remote: httpRefusal(answer.httpStatus, answer.reason) };
      }
      return { status: 'unknown', reason: answer.reason };
    case 'failed':
      if (answer.sent) return { status: 'unknown', reason: answer.reason };
      return defined({ status: 'unsent' as const, reason: answer.reason, afterMs: answer.afterMs });
  }
}

/** The message, the first of several, or nothing: a reaction makes none. */
function idIn(result: JsonValue, request: BotRequest): string | undefined {
  const message = asObject(Array.isArray(result) ? result[0] : result);
  const messageId = asNumber(message?.['message_id']);
  if (messageId === undefined) return undefined;
  return providerIdOf(asId(asObject(message?.['chat'])?.['id']) ?? chatOf(request), messageId);
}

function chatOf({ params }: BotRequest): string {
  return asId(params?.['chat_id']) ?? '';
}
