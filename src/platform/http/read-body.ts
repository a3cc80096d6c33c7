import type { IncomingMessage } from 'node:http';
import { Problem } from '../problem/problem.js';

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';

  constructor(readonly maxBytes: number) {
    super(`the body is larger than ${maxBytes} bytes`);
  }
}

/** How much of a body that is too large is still read, and thrown away: a client that is cut off while it writes never reads the answer. */
const DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * The raw bytes of a request; where a host application has read them before us, those that it kept, as Nest does (`rawBody`). Of
 * a body that is too large nothing is kept in memory from the moment that this is known.
 *
 * @throws Problem 500 `body.raw_missing` when they were read and not kept
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const kept = (request as { rawBody?: unknown }).rawBody;
  if (Buffer.isBuffer(kept)) {
    return kept.length <= maxBytes ? Promise.resolve(kept) : Promise.reject(new BodyTooLargeError(maxBytes));
  }
  // Nobody would ever tell us of its end.
  if (request.readableEnded) return Promise.reject(rawMissing());
  const announced = Number(request.headers['content-length'] ?? 0);
  const limit = maxBytes + DISCARDED_BYTES;
  if (announced > limit) return Promise.reject(new BodyTooLargeError(maxBytes));
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (Math.max(bytes, announced) <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      if (bytes <= limit) return;
      request.removeAllListeners('data');
      request.pause();
      reject(new BodyTooLargeError(maxBytes));
    });
    request.on('end', () => {
      if (bytes > maxBytes) reject(new BodyTooLargeError(maxBytes));
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the request was cut off')));
  });
}

function rawMissing(): Problem {
  return new Problem(
    500,
    'body.raw_missing',
    'The host application parsed this body before Patchbay saw its bytes, and did not keep them: create it with `rawBody: true`.',
  );
}
