import type { JsonObject, JsonValue, KnownFile, OutboundPart, SendCall, SendOutcome } from '../../contract/index.js';
import { asId, asNumber, asObject, asObjects, asText, defined, unansweredSend } from '../wire/index.js';
import { type BotAnswer, type BotRequest, botClient } from './client.js';
import { providerIdOf } from './message-id.js';
import { asChatId, ATTACHED, FILE_FIELDS } from './render.js';

/** Large files over slow lines: Telegram names no time of its own. */
const TRANSFER_MS = 5 * 60_000;

/**
 * Puts one message on the wire. Telegram has no idempotency key and tells nothing afterwards, so what is not known stays unknown.
 * A group that goes by another id now is written to there at once: Telegram has refused the first call, so nothing goes twice.
 */
export async function send(part: OutboundPart, attempt: string, call: SendCall): Promise<SendOutcome> {
  const sending = sendingOf(part.payload, call);
  if (!sending) {
    return { status: 'refused', remote: { code: '400.file', message: 'The file of this message is not at hand' } };
  }
  const client = botClient(call);
  const { request } = sending;
  const answer = await client.request(request);
  if (answer.status !== 'refused' || answer.movedTo === undefined) return toOutcome(answer, sending, attempt);
  const moved = { ...request, params: { ...request.params, chat_id: asChatId(answer.movedTo) } };
  return toOutcome(await client.request(moved), { ...sending, request: moved }, attempt);
}

interface Sending {
  readonly request: BotRequest;
  /** the file of ours in it, by our id, and the parameter that it stands in */
  readonly ours?: { readonly id: string; readonly field: string };
}

/** A file goes by Telegram's id where one is known for this use of it, else along. undefined: it was not handed over. */
function sendingOf({ method: named, ...params }: JsonObject, { files }: SendCall): Sending | undefined {
  const method = asText(named) ?? '';
  const field = FILE_FIELDS.find((name) => asText(params[name])?.startsWith(ATTACHED));
  const id = field && asText(params[field])?.slice(ATTACHED.length);
  if (field === undefined || id === undefined) return { request: { method, params } };
  const file = files?.get(id);
  const known = file?.known.get(field);
  if (known !== undefined) return { request: { method, params: { ...params, [field]: known } } };
  const { [field]: _, ...others } = params;
  const request = { method, params: others, timeoutMs: TRANSFER_MS };
  return file && { request: { ...request, file: { field, upload: file } }, ours: { id, field } };
}

function toOutcome(answer: BotAnswer, { request, ours }: Sending, attempt: string): SendOutcome {
  switch (answer.status) {
    case 'ok':
      return defined({
        status: 'accepted' as const,
        providerId: idIn(answer.result, request) ?? `${chatOf(request)}:${attempt}`,
        files: ours && knownIn(answer.result, ours),
      });
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
    case 'failed':
      return unansweredSend(answer);
  }
}

/** The message, the first of several, or nothing: a reaction makes none. */
function idIn(result: JsonValue, request: BotRequest): string | undefined {
  const message = asObject(Array.isArray(result) ? result[0] : result);
  const messageId = asNumber(message?.['message_id']);
  if (messageId === undefined) return undefined;
  return providerIdOf(asId(asObject(message?.['chat'])?.['id']) ?? chatOf(request), messageId);
}

/** A `file_id` is good for the use that it was made for (core.telegram.org/bots/api, "Sending files"); of a photo the last is whole. */
function knownIn(result: JsonValue, { id, field }: NonNullable<Sending['ours']>): readonly KnownFile[] | undefined {
  const value = asObject(result)?.[field];
  const fileId = asText((Array.isArray(value) ? asObjects(value).at(-1) : asObject(value))?.['file_id']);
  return fileId === undefined ? undefined : [{ id, kind: field, providerId: fileId }];
}

function chatOf({ params }: BotRequest): string {
  return asId(params?.['chat_id']) ?? '';
}
