import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeS3, startFakeS3 } from '../../../test/support/fake-s3.js';
import { LocalStore } from './local-store.js';
import type { MediaStore } from './media-store.js';
import { openStore } from './open-store.js';
import { S3Store } from './s3-store.js';
import { Staging } from './staging.js';

const BYTES = Buffer.from('the bytes of a file');
const HASH = createHash('sha256').update(BYTES).digest('hex');

async function read(store: MediaStore, range?: { from: number; to: number }): Promise<string | undefined> {
  const stream = await store.open(HASH, range);
  if (!stream) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('where files are kept', () => {
  let folder: string;
  let s3: FakeS3;
  const credentials = {
    AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID'],
    AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY'],
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchbay-store-'));
    s3 = await startFakeS3();
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  });

  afterAll(async () => {
    for (const [name, value] of Object.entries(credentials)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await s3.close();
    await rm(folder, { recursive: true, force: true });
  });

  const stores: readonly [string, () => MediaStore][] = [
    ['a folder', () => new LocalStore(join(folder, 'media'))],
    ['a bucket', () => new S3Store({ bucket: 'files', prefix: 'chat/', endpoint: s3.url })],
  ];

  it.each(stores)('%s gives back what it was given, whole and in part, until it is removed', async (_name, open) => {
    const store = open();
    expect(await read(store)).toBeUndefined();
    const path = join(folder, 'staged');
    for (let times = 0; times < 2; times += 1) {
      await writeFile(path, BYTES);
      await store.put(HASH, { path, size: BYTES.length, mimeType: 'text/plain' });
    }
    expect(await read(store)).toBe(BYTES.toString());
    expect(await read(store, { from: 4, to: 8 })).toBe('bytes');
    await store.remove(HASH);
    expect(await read(store)).toBeUndefined();
    await store.remove(HASH);
    store.close();
  });

  it('a bucket gets the bytes as they are, under the prefix, with their type', async () => {
    const store = new S3Store({ bucket: 'files', prefix: 'chat/', region: 'eu-central-1', endpoint: s3.url });
    const path = join(folder, 'staged');
    await writeFile(path, BYTES);
    await store.put(HASH, { path, size: BYTES.length, mimeType: 'text/plain' });
    expect(s3.objects.get(`/files/chat/${HASH}`)).toEqual({ bytes: BYTES, type: 'text/plain' });
    store.close();
  });

  it('a folder lets nobody else read, and takes no name but a hash', async () => {
    const store = new LocalStore(join(folder, 'own'));
    const path = join(folder, 'staged');
    await writeFile(path, BYTES, { mode: 0o644 });
    await store.put(HASH, { path });
    const mode = async (at: string): Promise<number> => (await stat(at)).mode & 0o777;
    expect(await mode(join(folder, 'own', HASH.slice(0, 2), HASH))).toBe(0o600);
    expect(await mode(join(folder, 'own', HASH.slice(0, 2)))).toBe(0o700);
    await expect(store.open('../../staged')).rejects.toThrow(/by its hash/);
  });

  it('says at the start that other hosts cannot read a folder of this one', async () => {
    const warnings: unknown[] = [];
    const log = { warn: (...words: unknown[]) => void warnings.push(words) };
    (await openStore({ dataDir: folder }, log)).close();
    expect(warnings).toEqual([]);
    (await openStore({ dataDir: folder, databaseUrl: 'postgres://db/x' }, log)).close();
    expect(JSON.stringify(warnings)).toContain('MEDIA_URL');
    const mediaUrl = { bucket: 'files', prefix: '', endpoint: s3.url };
    (await openStore({ dataDir: folder, databaseUrl: 'postgres://db/x', mediaUrl }, log)).close();
    expect(warnings).toHaveLength(1);
  });
});

describe('Staging', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchbay-staging-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('puts a file together and says what it is', async () => {
    const intake = await new Staging(folder).begin(100);
    expect(await intake.take(BYTES.subarray(0, 5))).toBe(true);
    expect(await intake.take(BYTES.subarray(5))).toBe(true);
    const { path, size, sha256 } = await intake.finish();
    expect([size, sha256]).toEqual([BYTES.length, HASH]);
    expect(await readFile(path)).toEqual(BYTES);
    await intake.drop();
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes not one byte more than it may', async () => {
    const intake = await new Staging(folder).begin(BYTES.length);
    expect(await intake.take(BYTES)).toBe(true);
    expect(await intake.take(Buffer.from('!'))).toBe(false);
    expect(intake.isTooLarge).toBe(true);
    await intake.drop();
  });

  it('sweeps away what a dead process left, and nothing that is being written', async () => {
    const staging = new Staging(folder);
    const intake = await staging.begin(10);
    await staging.sweep();
    expect(await readdir(folder)).toHaveLength(1);
    await staging.sweep(Date.now() + 2 * 60 * 60_000);
    expect(await readdir(folder)).toEqual([]);
    await intake.drop();
  });
});
