import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { typeOf } from './type-of.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const OGG_OPUS = Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24, 0), Buffer.from('OpusHead'), Buffer.alloc(60)]);
const MP4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(64)]);
const EXE = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]);

describe('typeOf', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchbay-type-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['an image', PNG, 'image/png', 'image/png'],
    ['an image that is called a video', PNG, 'video/mp4', 'image/png'],
    ['an image of which nothing is said', PNG, undefined, 'image/png'],
    ['a voice note, with its codec', OGG_OPUS, 'audio/ogg; codecs=opus', 'audio/ogg; codecs=opus'],
    ['sound in a container for films', MP4, 'audio/mp4', 'audio/mp4'],
    ['a film', MP4, 'video/mp4', 'video/mp4'],
    ['a program that is called an image', EXE, 'image/jpeg', 'application/x-msdownload'],
    ['text', Buffer.from('a,b\n'), 'text/csv', 'text/csv'],
    ['text of which nothing is said', Buffer.from('grüße'), undefined, 'text/plain'],
    ['a page that could do something', Buffer.from('<script>alert(1)</script>'), 'text/html', 'text/plain'],
    ['a drawing that could do something', Buffer.from('<svg onload="x"/>'), 'image/svg+xml', 'text/plain'],
    ['bytes that say nothing', Buffer.from([1, 0, 2, 3]), 'image/jpeg', 'image/jpeg'],
    ['bytes of which nothing is said', Buffer.from([1, 0, 2, 3]), undefined, 'application/octet-stream'],
    ['a type that is none', Buffer.from([1, 0, 2, 3]), 'image/png\r\nx: y', 'application/octet-stream'],
    ['another name of the same', Buffer.from([1, 0, 2, 3]), 'image/jpg', 'image/jpeg'],
  ])('%s', async (name, bytes, told, expected) => {
    const path = join(folder, Buffer.from(name).toString('hex'));
    await writeFile(path, bytes);
    expect(await typeOf(path, told)).toBe(expected);
  });
});
