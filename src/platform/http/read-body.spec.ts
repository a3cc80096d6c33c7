import { describe, expect, test } from '@jest/globals';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { BodyTooLargeError, readBody } from './read-body.js';

function request(body: string | undefined, rawBody?: Buffer): IncomingMessage {
  const message = Object.assign(new IncomingMessage(new Socket()), rawBody && { rawBody });
  if (body !== undefined) message.push(body);
  message.push(null);
  return message;
}

/** As a body parser of a host leaves it. */
async function parsed(body: string, rawBody?: Buffer): Promise<IncomingMessage> {
  const message = request(body, rawBody);
  for await (const _chunk of message);
  return message;
}

describe('readBody', () => {
  test('gives the bytes as they came', async () => {
    expect((await readBody(request('{ "a":1}'), 100)).toString()).toBe('{ "a":1}');
  });

  test('takes what a host kept of a body that it has read', async () => {
    const kept = Buffer.from('{ "a":1}');
    expect(await readBody(await parsed('{ "a":1}', kept), 100)).toBe(kept);
  });

  test('says so when a host has read the body and kept nothing', async () => {
    await expect(readBody(await parsed('{}'), 100)).rejects.toMatchObject({ status: 500, code: 'body.raw_missing' });
  });

  test('refuses what is too large, kept or not', async () => {
    await expect(readBody(request('12345'), 4)).rejects.toBeInstanceOf(BodyTooLargeError);
    await expect(readBody(await parsed('12345', Buffer.from('12345')), 4)).rejects.toBeInstanceOf(BodyTooLargeError);
  });
});
