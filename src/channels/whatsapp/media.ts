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
  graphClient,
  graphOrigin,
  httpRefusal,
  multipart,
  parseJson,
  readGraphError,
  scrubError,
} from '../graph/index.js';

const DAY_MS = 24 * 60 * 60_000;

/** Large files over slow lines: Meta names no time of its own. */
const TRANSFER_MS = 5 * 60_000;

/** Files, both ways (Meta: whatsapp/business-phone-numbers/media). */
export const media = {
  lives: { inboundUrlMs: 5 * 60_000, inboundIdMs: 7 * DAY_MS, uploadMs: 30 * DAY_MS },
  inboundMaxBytes: 100 * 1024 * 1024,
  isTrusted,
  fetch,
  upload,
  isGone,
  isAboutUpload,
} satisfies MediaFacet;

/** Meta's file host. A webhook that names another one gets no token from us. */
const FILE_HOST = /(?:^|\.)fbsbx\.com$/;

function isTrusted(url: string, call: AccountCall): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return isHome(url, call) || (protocol === 'https:' && FILE_HOST.test(hostname));
}

/** Where the operator has put Graph himself, files may be too. */
function isHome(url: string, { settings }: AccountCall): boolean {
  return URL.canParse(url) && new URL(url).origin === graphOrigin(settings);
}

async function fetch(source: MediaSource, sink: MediaSink, call: MediaCall): Promise<CallOutcome<FetchedMedia>> {
  if ('url' in source) return download(source.url, {}, sink, call);
  const path = encodeURIComponent(source.id);
  const query = { phone_number_id: call.account.address };
  const found = await graphClient(call).call({ path, query });
  if (found.status !== 'ok') return found;
  const node = asObject(found.value);
  const url = asText(node?.['url']);
  if (url === undefined || !URL.canParse(url)) {
    return { status: 'refused', remote: { code: 'media.unnamed', message: 'Meta named no address for the file' } };
  }
  if (!isHome(url, call) && new URL(url).protocol !== 'https:') {
    return { status: 'refused', remote: { code: 'media.unsafe', message: 'Meta named an address without TLS' } };
  }
  const told = defined({ mimeType: asText(node?.['mime_type']), sha256: asText(node?.['sha256']) });
  return download(url, told, sink, call);
}

/** The address wants the token too. A redirect is followed nowhere: the next try asks Graph for another address. */
async function download(
  url: string,
  told: FetchedMedia,
  sink: MediaSink,
  call: MediaCall,
): Promise<CallOutcome<FetchedMedia>> {
  const token = call.settings['whatsapp_token'] ?? '';
  const headers = { authorization: `Bearer ${token}`, 'user-agent': 'patchbay' };
  const answer = await call.download({ url, headers, timeoutMs: TRANSFER_MS, isHome: isHome(url, call) }, sink);
  if (answer.status === 'failed') return { status: 'unreachable', reason: answer.reason };
  if (answer.httpStatus !== 200) return refusal(answer, token);
  const type = answer.headers['content-type'];
  return { status: 'ok', value: { ...(typeof type === 'string' && { mimeType: type }), ...told } };
}

function refusal(answer: Extract<ProviderAnswer, { status: 'answered' }>, token: string): CallOutcome<FetchedMedia> {
  const remote = readGraphError(parseJson(answer.text), answer.httpStatus);
  if (remote) return { status: 'refused', remote: scrubError(remote, [token]) };
  const { httpStatus } = answer;
  if (httpStatus >= 500) return { status: 'unreachable', reason: `HTTP ${httpStatus}` };
  return { status: 'refused', remote: httpRefusal(httpStatus, `HTTP ${httpStatus} in place of the file`) };
}

async function upload(file: MediaUpload, call: AccountCall): Promise<CallOutcome<{ readonly id: string }>> {
  const part = { ...file, name: 'file', filename: file.filename ?? 'file', read: () => file.read() };
  const fields = { messaging_product: 'whatsapp', type: file.mimeType };
  const answer = await graphClient(call).call({
    method: 'POST',
    path: `${encodeURIComponent(call.account.address)}/media`,
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
