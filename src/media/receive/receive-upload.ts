import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { Problem } from '../../platform/problem/problem.js';
import type { Intake } from '../storage/staging.js';

/** What a caller says of a file that he uploads. */
export interface ToldFile {
  readonly mimeType?: string;
  readonly filename?: string;
}

/** What is still read of a file that is too large: a client that is cut off while it writes never reads the answer. */
const DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * Takes in the file of a request: its whole body, or the first file of a form.
 *
 * @throws Problem 400 for a form without a file or a body without bytes, 413 for a file that is too large
 */
export async function receiveUpload(request: IncomingMessage, intake: Intake, maxBytes: number): Promise<ToldFile> {
  const type = request.headers['content-type'] ?? '';
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes + DISCARDED_BYTES) throw tooLarge(maxBytes);
  const isForm = /^multipart\/form-data\b/i.test(type);
  const told = isForm ? await receiveForm(request, intake) : await receiveBody(request, intake, type);
  if (intake.isTooLarge) throw tooLarge(maxBytes);
  return told;
}

async function receiveBody(request: IncomingMessage, intake: Intake, type: string): Promise<ToldFile> {
  await pour(request, intake);
  const filename = filenameIn(request.headers['content-disposition']);
  return { ...(type !== '' && { mimeType: type }), ...(filename !== undefined && { filename }) };
}

function receiveForm(request: IncomingMessage, intake: Intake): Promise<ToldFile> {
  return new Promise((resolve, reject) => {
    let parser: busboy.Busboy;
    try {
      parser = busboy({
        headers: request.headers,
        defParamCharset: 'utf8',
        limits: { files: 1, fields: 20, fieldSize: 1_000 },
      });
    } catch {
      reject(malformed('The form has no boundary.'));
      return;
    }
    let received: Promise<ToldFile> | undefined;
    parser.on('file', (_name, stream, { filename, mimeType }) => {
      received = pour(stream, intake).then(() => ({
        mimeType,
        ...(filename !== undefined && filename !== '' && { filename }),
      }));
      received.catch(reject);
    });
    parser.on('error', () => reject(malformed('The form is not what its header says.')));
    parser.on('close', () => {
      if (received) received.then(resolve, reject);
      else reject(malformed('The form has no file in it.'));
    });
    request.on('aborted', () => reject(malformed('The request ended before its body was complete.')));
    request.pipe(parser);
  });
}

/** What is too large is read on for a while, and thrown away. */
async function pour(stream: Readable, intake: Intake): Promise<void> {
  let discarded = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (await intake.take(chunk)) continue;
      discarded += chunk.length;
      if (discarded > DISCARDED_BYTES) return;
    }
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOSPC') throw error;
    throw malformed('The request ended before its body was complete.');
  }
}

/** `attachment; filename="bill.pdf"`, or RFC 6266's `filename*=UTF-8''…`. */
export function filenameIn(disposition: string | undefined): string | undefined {
  const whole = /filename\*\s*=\s*UTF-8''([^;\s]+)/i.exec(disposition ?? '')?.[1];
  if (whole !== undefined) {
    try {
      return decodeURIComponent(whole);
    } catch {
      return undefined;
    }
  }
  const [, quoted, plain] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition ?? '') ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? plain;
}

function malformed(detail: string): Problem {
  return new Problem(400, 'body.malformed', detail);
}

function tooLarge(maxBytes: number): Problem {
  return new Problem(413, 'media.too_large', `The file is larger than ${maxBytes} bytes.`);
}
