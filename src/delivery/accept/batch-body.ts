import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { isJsonObject } from '../../contract/index.js';
import { BodyTooLargeError, readBody } from '../../platform/http/read-body.js';
import { type FieldError, Problem } from '../../platform/problem/problem.js';
import { type Refusable, orProblem } from './refusable.js';

export const MAX_BATCH_ITEMS = 10_000;
export const MAX_BATCH_BYTES = 16 * 1024 * 1024;

export const JSON_TYPE = 'application/json';
export const NDJSON_TYPE = 'application/x-ndjson';

const NEWLINE = 0x0a;

/** Many messages as they came. */
export interface Batch {
  readonly size: number;
  /** the same for the same bytes */
  readonly digest: string;
  /** The next ones in order, each only once; a line that is no JSON is a Problem, and is not read before it is asked for. */
  next(count: number): readonly Refusable<unknown>[];
}

const INFLATE: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** @throws Problem 400, 413 or 415 for a body that cannot be taken as a whole */
export async function readBatch(request: IncomingMessage & { readonly body?: unknown }): Promise<Batch> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  // A host application may have read it already.
  if (request.body !== undefined) return fromJson(request.body, digestOf(JSON.stringify(request.body)));
  if (type !== NDJSON_TYPE && type !== JSON_TYPE)
    throw new Problem(415, 'body.unsupported', `Send the messages as ${JSON_TYPE} or ${NDJSON_TYPE}.`);
  const bytes = await readBytes(request);
  if (!isUtf8(bytes)) throw new Problem(400, 'body.malformed', 'The body is not valid UTF-8.');
  return type === NDJSON_TYPE ? fromLines(bytes) : fromJson(parse(bytes, 'The body'), digestOf(bytes));
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const decode = Object.hasOwn(INFLATE, encoding) ? INFLATE[encoding] : undefined;
  if (!decode && encoding !== 'identity') {
    const known = 'The Content-Encoding is not supported; send gzip, deflate, br or none.';
    throw new Problem(415, 'body.encoding', known);
  }
  try {
    const bytes = await readBody(request, MAX_BATCH_BYTES);
    return decode ? await decode(bytes, { maxOutputLength: MAX_BATCH_BYTES }) : bytes;
  } catch (error) {
    if (error instanceof BodyTooLargeError || codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      throw new Problem(413, 'body.too_large', `A batch may have ${MAX_BATCH_BYTES / 1024 / 1024} MiB; split it.`);
    if (decode && codeOf(error) !== undefined)
      throw new Problem(400, 'body.malformed', `The body is not what its Content-Encoding (${encoding}) says.`);
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

/** @param digest of what was read */
function fromJson(value: unknown, digest: string): Batch {
  const errors: FieldError[] = [];
  const messages = isJsonObject(value) ? value['messages'] : undefined;
  if (!Array.isArray(messages)) errors.push(wrong('messages', 'array', 'messages must be an array of messages'));
  for (const name of isJsonObject(value) ? Object.keys(value) : [])
    if (name !== 'messages') errors.push(wrong(name.slice(0, 100), 'field.unknown', 'only messages is known here'));
  if (!Array.isArray(messages) || errors.length > 0)
    throw new Problem(400, 'validation.failed', 'The body must be {"messages": […]}.', errors.slice(0, 50));
  requireSize(messages.length);
  return { size: messages.length, digest, next: (count) => messages.splice(0, count) };
}

function fromLines(bytes: Buffer): Batch {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found === -1 ? bytes.length : found;
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (isBlank(line)) continue;
    lines.push(line);
    // Counting goes on past the limit only so far as to know that it was passed.
    if (lines.length > MAX_BATCH_ITEMS) requireSize(lines.length);
  }
  return {
    size: lines.length,
    digest: digestOf(bytes),
    next: (count) => lines.splice(0, count).map((line) => orProblem(() => parse(line, 'The line'))),
  };
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}

function parse(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw new Problem(400, 'body.malformed', `${what} is not valid JSON.`);
  }
}

function requireSize(size: number): void {
  if (size <= MAX_BATCH_ITEMS) return;
  throw new Problem(
    413,
    'batch.too_large',
    `A batch may have ${MAX_BATCH_ITEMS} messages, and this one has more; split it.`,
  );
}

function digestOf(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('base64');
}

function wrong(path: string, code: string, message: string): FieldError {
  return { path, code, message };
}
