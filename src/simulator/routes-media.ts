import { MESSAGING, reachPhoneNumber } from './graph-access.js';
import { invalidParameter, unknownObject } from './graph-error.js';
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
  const id = call.platform.ids.media();
  call.platform.media.put(id, file.bytes, file.mimeType);
  return ok({ id });
}

export function deleteMedia(call: GraphCall, id: string): GraphAnswer {
  if (!call.platform.media.delete(id)) {
    throw unknownObject(call.request.method, id);
  }
  return ok({ success: true });
}

/** The part `file` of a multipart body. Only what an upload client writes is understood: no nesting, no encodings. */
function fileIn(body: Buffer, contentType: string): { bytes: Buffer; mimeType: string } | undefined {
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
    if (/name="?file"?/i.test(head)) {
      const mimeType = /content-type:\s*([^\r\n]+)/i.exec(head)?.[1]?.trim() ?? 'application/octet-stream';
      return { bytes: Buffer.from(body.subarray(headEnd + 4, next - 2)), mimeType };
    }
    start = next;
  }
  return undefined;
}
