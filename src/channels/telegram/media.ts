import type {
  CallOutcome,
  FetchedMedia,
  MediaCall,
  MediaFacet,
  MediaSink,
  MediaSource,
  RemoteError,
} from '../../contract/index.js';
import { asObject, asText, httpRefusal, parseJson, scrub, scrubError } from '../wire/index.js';
import { apiUrl, botClient, secretsOf } from './client.js';
import { readError } from './errors.js';

const DAY_MS = 24 * 60 * 60_000;
const TRANSFER_MS = 5 * 60_000;

/**
 * Files that people send (core.telegram.org/bots/api, getFile): an id leads to a path that is good for an hour at least, and so it is
 * asked for when the file is fetched. Ids do not end; after a week nobody looks any more. There is no upload: files go out with
 * their messages, and by the ids that they got there when they go once more.
 */
export const media: MediaFacet = {
  lives: { inboundUrlMs: 0, inboundIdMs: 7 * DAY_MS, uploadMs: 30 * DAY_MS },
  inboundMaxBytes: 20 * 1024 * 1024,
  isTrusted: () => false,
  fetch,
  isGone,
  isAboutUpload: ({ code }) => code === '400.file',
};

async function fetch(source: MediaSource, sink: MediaSink, call: MediaCall): Promise<CallOutcome<FetchedMedia>> {
  if (!('id' in source)) return refused('file.unnamed', 'Telegram names files by ids only');
  const found = await botClient(call).call({ method: 'getFile', params: { file_id: source.id } });
  if (found.status !== 'ok') return found;
  const path = asText(asObject(found.value)?.['file_path']);
  if (path === undefined) return refused('file.unnamed', 'Telegram named no path for the file');
  if (!isPath(path)) return refused('file.unsafe', 'Telegram named a path that is none');
  return download(path, sink, call);
}

/** Of plain segments: nothing that leads elsewhere on the host. */
function isPath(path: string): boolean {
  return (
    /^[\w .@()+,=-]+(?:\/[\w .@()+,=-]+)*$/.test(path) && !path.split('/').some((segment) => /^\.+$/.test(segment))
  );
}

async function download(path: string, sink: MediaSink, call: MediaCall): Promise<CallOutcome<FetchedMedia>> {
  const { settings } = call;
  const url = `${apiUrl(settings)}/file/bot${settings['token'] ?? ''}/${path.split('/').map(encodeURIComponent).join('/')}`;
  const answer = await call.download({ url, timeoutMs: TRANSFER_MS, isHome: true }, sink);
  const secrets = secretsOf(settings);
  if (answer.status === 'failed') return { status: 'unreachable', reason: scrub(answer.reason, secrets) };
  const { httpStatus, headers, text } = answer;
  if (httpStatus === 200) {
    // what it says of all files alike says nothing
    const type = headers['content-type'];
    const isTold = typeof type === 'string' && !type.startsWith('application/octet-stream');
    return { status: 'ok', value: isTold ? { mimeType: type } : {} };
  }
  if (httpStatus >= 500) return { status: 'unreachable', reason: `HTTP ${httpStatus}` };
  const remote = readError(asObject(parseJson(text)) ?? {}, httpStatus);
  return {
    status: 'refused',
    remote: remote ? scrubError(remote, secrets) : httpRefusal(httpStatus, `HTTP ${httpStatus} in place of the file`),
  };
}

function refused(code: string, message: string): CallOutcome<FetchedMedia> {
  return { status: 'refused', remote: { code, message } };
}

/** An id that is none, a path that is over, or a file of more than 20 MB, which bots do not get. */
function isGone({ code }: RemoteError): boolean {
  return code === '400.file' || code === '400.file_too_big' || code === 404 || code === 'http.404';
}
