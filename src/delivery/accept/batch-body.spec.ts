import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Problem } from '../../platform/problem/problem.js';
import { MAX_BATCH_BYTES, readBatch } from './batch-body.js';

const request = (body: Buffer | string, headers: Record<string, string> = {}): IncomingMessage =>
  Object.assign(Readable.from([Buffer.from(body)]), {
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  }) as unknown as IncomingMessage;

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'taken',
    (error: unknown) => (error instanceof Problem ? [error.status, error.code] : error),
  );

describe('the body of a batch', () => {
  it('gives its items in order, each once, and passes over blank lines', async () => {
    const batch = await readBatch(request('1\n\n \r\n2\r\nx\n3'));
    expect(batch.size).toBe(4);
    expect(batch.next(2)).toEqual([1, 2]);
    expect(batch.next(5)).toEqual([expect.objectContaining({ code: 'body.malformed', status: 400 }), 3]);
    expect(batch.next(5)).toEqual([]);
  });

  it('reads JSON, compressed or not, or what a host has read already', async () => {
    const json = JSON.stringify({ messages: [1, 2] });
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const plain = await readBatch(request(json, headers));
    expect(plain.next(9)).toEqual([1, 2]);
    const zipped = await readBatch(request(gzipSync(json), { ...headers, 'content-encoding': 'gzip' }));
    expect([zipped.next(9), zipped.digest]).toEqual([[1, 2], plain.digest]);
    const read = await readBatch(Object.assign(request('', headers), { body: { messages: [7] } }));
    expect(read.next(9)).toEqual([7]);
  });

  it('has a digest that tells one body from another', async () => {
    const digests = await Promise.all(
      ['1\n2', '1\n2', '2\n1'].map(async (body) => (await readBatch(request(body))).digest),
    );
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });

  it('must be there', async () => {
    const nothing = request('', { 'content-type': '' });
    expect(await refusal(readBatch(nothing))).toEqual([400, 'validation.failed']);
  });

  it.each([
    [
      'what inflates to more than is allowed',
      gzipSync(Buffer.alloc(MAX_BATCH_BYTES + 1)),
      'gzip',
      [413, 'body.too_large'],
    ],
    ['what is not compressed as it says', Buffer.from('{}'), 'gzip', [400, 'body.malformed']],
    ['what is compressed otherwise', brotliCompressSync('1'), 'zstd', [415, 'body.encoding']],
    ['what is not UTF-8', Buffer.from([0x31, 0xff]), 'identity', [400, 'body.malformed']],
  ])('refuses %s', async (_name, body, encoding, expected) => {
    expect(await refusal(readBatch(request(body, { 'content-encoding': encoding })))).toEqual(expected);
  });
});
