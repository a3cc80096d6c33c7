import { MESSAGING, reachPhoneNumber } from './graph-access.js';
import { invalidParameter, unknownObject } from './graph-error.js';
import { judgeUpload } from './judge-media.js';
import type { GraphAnswer, GraphCall } from './graph.types.js';
import { ok } from './routes-discovery.js';

/** `POST /{PN}/media`, multipart with the part `file`. Meta: business-phone-numbers/media */
export function uploadMedia(call: GraphCall, phoneNumberId: string): GraphAnswer {
  reachPhoneNumber(call, phoneNumberId, MESSAGING, 10);
  const { contentType, raw } = call.request;
  const file = raw === undefined ? undefined : fileIn(raw, contentType);
  if (file === undefined) {
    throw invalidParameter('The parameter file is required.');
  }
  if (field(raw as Buffer, contentType, 'messaging_product') !== 'whatsapp') {
    throw invalidParameter('The parameter messaging_product is required.');
  }
  const refusal = judgeUpload(file.mimeType, file.bytes.length);
  if (refusal !== undefined) {
    throw refusal;
  }
  const id = call.platform.ids.media();
  call.platform.media.put(id, file.bytes, file.mimeType, { phoneNumberId });
  return ok({ id });
}

export function deleteMedia(call: GraphCall, id: string): GraphAnswer {
  if (!call.platform.media.delete(id)) {
    throw unknownObject(call.request.method, id);
  }
  return ok({ success: true });
}

function fileIn(body: Buffer, contentType: string): { bytes: Buffer; mimeType: string } | undefined {
  const part = partIn(body, contentType, 'file');
  if (part === undefined) {
    return undefined;
  }
  const mimeType = /content-type:\s*([^\r\n]+)/i.exec(part.head)?.[1]?.trim() ?? 'application/octet-stream';
  return { bytes: Buffer.from(part.bytes), mimeType };
}

function field(body: Buffer, contentType: string, name: string): string | undefined {
  return partIn(body, contentType, name)?.bytes.toString('utf8');
}

/** A part of a multipart body. Only what an upload client writes is understood: no nesting, no encodings. */
function partIn(body: Buffer, contentType: string, name: string): { head: string; bytes: Buffer } | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) {
    return undefined;
  }
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  for (let start = body.indexOf(delimiter); start >= 0;) {
    const next = body.indexOf(delimiter, start + delimiter.length);
    const headEnd = body.indexOf('\r\n\r\n', start);
    if (next < 0 || headEnd < 0) {
      return undefined;
    }
    const head = body.toString('latin1', start, headEnd);
    if (new RegExp(`[; ]name="?${name}"?(?:[;\\s]|$)`, 'i').test(head)) {
      return { head, bytes: body.subarray(headEnd + 4, next - 2) };
    }
    start = next;
  }
  return undefined;
}
