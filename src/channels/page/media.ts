import { randomUUID } from 'node:crypto';
import type {
  AccountCall,
  CallOutcome,
  FetchedMedia,
  GatewayCall,
  MediaCall,
  MediaFacet,
  MediaSink,
  MediaSource,
  MediaUpload,
  RemoteError,
} from '../../contract/index.js';
import { asId, asObject, graphClient, graphOrigin, httpRefusal, multipart } from '../graph/index.js';
import type { PageNetwork } from './network.js';
import { fileKindOf } from './render.js';
import { asPage, noPageToken } from './tokens.js';

const DAY_MS = 24 * 60 * 60_000;

/** Large files over slow lines: Meta names no time of its own. */
const TRANSFER_MS = 5 * 60_000;

/** Where Meta keeps what people send; whoever has the link gets it, so no token goes there. */
const FILE_HOST = /(?:^|\.)(?:fbcdn\.net|fbsbx\.com|cdninstagram\.com)$/;

/**
 * Files, both ways (Meta: messenger-platform/reference/attachment-upload-api). Links of webhooks live for days; there is no id to
 * ask for another. Uploads are kept for 90 days.
 */
export function mediaOf(network: PageNetwork): MediaFacet {
  return {
    lives: { inboundUrlMs: 3 * DAY_MS, inboundIdMs: 3 * DAY_MS, uploadMs: 60 * DAY_MS },
    inboundMaxBytes: 100 * 1024 * 1024,
    isTrusted: (url, call) => isHome(url, call) || isFileHost(url),
    fetch,
    upload: (file, call) => upload(network, file, call),
    isGone: ({ code }) => code === 'http.403' || code === 'http.404' || code === 'http.410',
    isAboutUpload,
  };
}

function isFileHost(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' && FILE_HOST.test(hostname);
}

/** Where the operator has put Graph himself, files may be too. */
function isHome(url: string, { settings }: GatewayCall): boolean {
  return URL.canParse(url) && new URL(url).origin === graphOrigin(settings);
}

async function fetch(source: MediaSource, sink: MediaSink, call: MediaCall): Promise<CallOutcome<FetchedMedia>> {
  if (!('url' in source)) return refused('media.unnamed', 'Meta names files of pages by links only');
  const isOurs = isHome(source.url, call);
  if (!isOurs && !isFileHost(source.url)) return refused('media.unsafe', 'the link leads to a host that is not Meta’s');
  const headers = { 'user-agent': 'patchbay' };
  const answer = await call.download({ url: source.url, headers, isHome: isOurs, timeoutMs: TRANSFER_MS }, sink);
  if (answer.status === 'failed') return { status: 'unreachable', reason: answer.reason };
  const { httpStatus } = answer;
  if (httpStatus >= 500) return { status: 'unreachable', reason: `HTTP ${httpStatus}` };
  if (httpStatus !== 200) {
    return { status: 'refused', remote: httpRefusal(httpStatus, `HTTP ${httpStatus} in place of the file`) };
  }
  const type = answer.headers['content-type'];
  return { status: 'ok', value: typeof type === 'string' ? { mimeType: type } : {} };
}

async function upload(
  { channel }: PageNetwork,
  file: MediaUpload,
  call: AccountCall,
): Promise<CallOutcome<{ readonly id: string }>> {
  const own = asPage(call);
  if (!own) return noPageToken();
  const message = { attachment: { type: fileKindOf(file.mimeType), payload: { is_reusable: true } } };
  const part = { ...file, name: 'filedata', filename: file.filename ?? 'file', read: () => file.read() };
  const answer = await graphClient(own).call({
    method: 'POST',
    path: `${encodeURIComponent(call.account.group)}/message_attachments`,
    ...(channel === 'instagram' && { query: { platform: 'instagram' } }),
    multipart: multipart({ message: JSON.stringify(message) }, part, `patchbay-${randomUUID()}`),
    timeoutMs: TRANSFER_MS,
  });
  if (answer.status !== 'ok') return answer;
  const id = asId(asObject(answer.value)?.['attachment_id']);
  return id === undefined
    ? { status: 'unreachable', reason: 'the answer names no id of the upload' }
    : { status: 'ok', value: { id } };
}

function refused(code: string, message: string): CallOutcome<FetchedMedia> {
  return { status: 'refused', remote: { code, message } };
}

/** An upload that has gone is refused as a wrong parameter. */
function isAboutUpload({ code, subcode, message, details = '' }: RemoteError): boolean {
  return code === 100 && (subcode === 2018047 || /attachment/i.test(`${message} ${details}`));
}
