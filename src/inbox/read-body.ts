import type { IncomingMessage } from 'node:http';

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';

  constructor(readonly maxBytes: number) {
    super(`the body is larger than ${maxBytes} bytes`);
  }
}

/** A sender that goes on beyond this is cut off without an answer. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;

/**
 * The raw bytes of a request. A body that is too large is never held in memory; it is read to its end all the same, since a
 * sender that is still writing would see a broken connection instead of our 413.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks = [];
      if (bytes > MAX_DRAINED_BYTES) request.destroy();
    });
    request.on('end', () => {
      if (bytes > maxBytes) reject(new BodyTooLargeError(maxBytes));
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the request was cut off')));
  });
}
