import { randomUUID } from 'node:crypto';
import type {
  AccountCall,
  CallOutcome,
  FetchedMedia,
  MediaCall,
  MediaFacet,
  MediaSink,
  MediaSource,
  MediaUpload,
  ProviderAnswer,
  RemoteError,
} from '../../contract/index.js';
import {
  asId,
  asObject,
  asText,
  defined,
  httpRefusal,
  multipart,
  parseJson,
  readGraphError,
  scrubError,
} from '../graph/index.js';
import type { FileRequest, WhatsAppTransport } from './transport.js';

const DAY_MS = 24 * 60 * 60_000;

/** Large files over slow lines: Meta names no time of its own. */
const TRANSFER_MS = 5 * 60_000;

/** Files, both ways (Meta: whatsapp/business-phone-numbers/media). */
export function mediaOver(transport: WhatsAppTransport): MediaFacet {
  return {
    lives: { inboundUrlMs: 5 * 60_000, inboundIdMs: 7 * DAY_MS, uploadMs: 30 * DAY_MS },
    inboundMaxBytes: 100 * 1024 * 1024,
    isTrusted: (url, call) => transport.isTrusted(url, call),
    fetch: (source, sink, call) => fetch(transport, source, sink, call),
    upload: (file, call) => upload(transport, file, call),
    isGone,
    isAboutUpload,
  };
}

async function fetch(
  transport: WhatsAppTransport,
  source: MediaSource,
  sink: MediaSink,
  call: MediaCall,
): Promise<CallOutcome<FetchedMedia>> {
  if ('url' in source) return download(transport, source.url, {}, sink, call);
  const path = encodeURIComponent(source.id);
  const found = await transport.client(call).call({ path, query: transport.fileQuery(call.account) });
  if (found.status !== 'ok') return found;
  const node = asObject(found.value);
  const url = asText(node?.['url']);
  if (url === undefined || !URL.canParse(url)) {
    return { status: 'refused', remote: { code: 'media.unnamed', message: 'Meta named no address for the file' } };
  }
  const told = defined({ mimeType: asText(node?.['mime_type']), sha256: asText(node?.['sha256']) });
  return download(transport, url, told, sink, call);
}

/** The address wants the credentials too. A redirect is followed nowhere: the next try asks for another address. */
async function download(
  transport: WhatsAppTransport,
  url: string,
  told: FetchedMedia,
  sink: MediaSink,
  call: MediaCall,
): Promise<CallOutcome<FetchedMedia>> {
  const file = transport.fileAt(url, call);
  if (file === undefined) {
    return { status: 'refused', remote: { code: 'media.unsafe', message: 'Meta named an address without TLS' } };
  }
  const headers = { ...file.headers, 'user-agent': 'patchbay' };
  const answer = await call.download({ ...file, headers, timeoutMs: TRANSFER_MS }, sink);
  if (answer.status === 'failed') return { status: 'unreachable', reason: answer.reason };
  if (answer.httpStatus !== 200) return refusal(answer, credentialsIn(file));
  const type = answer.headers['content-type'];
  return { status: 'ok', value: { ...(typeof type === 'string' && { mimeType: type }), ...told } };
}

/** No error may repeat them: with the word before them (`Bearer`), and without. */
function credentialsIn({ headers }: FileRequest): readonly string[] {
  return Object.values(headers).flatMap((value) => [value, value.replace(/^\S+ /, '')]);
}

function refusal(
  answer: Extract<ProviderAnswer, { status: 'answered' }>,
  secrets: readonly string[],
): CallOutcome<FetchedMedia> {
  const remote = readGraphError(parseJson(answer.text), answer.httpStatus);
  if (remote) return { status: 'refused', remote: scrubError(remote, secrets) };
  const { httpStatus } = answer;
  if (httpStatus >= 500) return { status: 'unreachable', reason: `HTTP ${httpStatus}` };
  return { status: 'refused', remote: httpRefusal(httpStatus, `HTTP ${httpStatus} in place of the file`) };
}

async function upload(
  transport: WhatsAppTransport,
  file: MediaUpload,
  call: AccountCall,
): Promise<CallOutcome<{ readonly id: string }>> {
  const part = { ...file, name: 'file', filename: file.filename ?? 'file', read: () => file.read() };
  const fields = { messaging_product: 'whatsapp', type: file.mimeType };
  const answer = await transport.client(call).call({
    method: 'POST',
    path: transport.edgeOf(call.account, 'media'),
    multipart: multipart(fields, part, `patchbay-${randomUUID()}`),
    timeoutMs: TRANSFER_MS,
  });
  if (answer.status !== 'ok') return answer;
  const id = asId(asObject(answer.value)?.['id']);
  return id === undefined
    ? { status: 'unreachable', reason: 'the answer names no id of the upload' }
    : { status: 'ok', value: { id } };
}

/** An id or address that is over: 404, or Graph's "does not exist" (100, 33). */
function isGone({ code, subcode }: RemoteError): boolean {
  return code === 'http.404' || code === 'http.410' || (code === 100 && subcode === 33);
}

/** 131053 is "media upload error"; an unknown id is also refused as a wrong parameter. */
function isAboutUpload({ code, message, details = '' }: RemoteError): boolean {
  return code === 131053 || (code === 100 && /media|attachment/i.test(`${message} ${details}`));
}
