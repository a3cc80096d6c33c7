import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ByteRange, MediaStore } from './media-store.js';

/** Files in a folder of this host, readable by nobody else. */
export class LocalStore implements MediaStore {
  constructor(private readonly folder: string) {}

  async put(sha256: string, { path }: { path: string }): Promise<void> {
    const target = this.pathOf(sha256);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await chmod(path, 0o600);
    await rename(path, target);
    // The name is on disk only when its folder is.
    const folder = await open(dirname(target));
    await folder.sync().finally(() => folder.close());
  }

  async open(sha256: string, range?: ByteRange): Promise<Readable | undefined> {
    const stream = createReadStream(this.pathOf(sha256), range && { start: range.from, end: range.to });
    return new Promise((resolve, reject) => {
      stream.once('open', () => resolve(stream));
      stream.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') resolve(undefined);
        else reject(error);
      });
    });
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.pathOf(sha256), { force: true });
  }

  close(): void {}

  private pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('a file is named by its hash, and by nothing else');
    return join(this.folder, sha256.slice(0, 2), sha256);
  }
}
