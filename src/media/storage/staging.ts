import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface StagedFile {
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** hex */
  readonly sha256: string;
}

/** What a dead process left behind is older than any transfer can be. */
const LEFT_BEHIND_MS = 60 * 60_000;

/** Where files are put together before they are stored: on disk, so that their size costs no memory. */
export class Staging {
  constructor(private readonly folder: string) {}

  /** A new file that takes so many bytes, and not one more. */
  async begin(maxBytes: number): Promise<Intake> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = join(this.folder, randomUUID());
    return new Intake(path, await open(path, 'wx', 0o600), maxBytes);
  }

  async sweep(now: number = Date.now()): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const { mtimeMs = now } = (await stat(path).catch(() => undefined)) ?? {};
      if (now - mtimeMs > LEFT_BEHIND_MS) await rm(path, { force: true });
    }
  }
}

/** A file that is coming in. Whoever begins one drops it at the end; by then it may have been moved away. */
export class Intake {
  private readonly hash = createHash('sha256');
  private size = 0;
  private overflowed = false;

  constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly maxBytes: number,
  ) {}

  get isTooLarge(): boolean {
    return this.overflowed;
  }

  /** False once it is larger than allowed: the rest need not come. */
  async take(chunk: Uint8Array): Promise<boolean> {
    this.size += chunk.length;
    if (this.size > this.maxBytes) this.overflowed = true;
    if (this.overflowed) return false;
    this.hash.update(chunk);
    await this.file.write(chunk);
    return true;
  }

  /** Everything that was taken is on disk. */
  async finish(): Promise<StagedFile> {
    await this.file.sync();
    await this.file.close();
    return { path: this.path, size: this.size, sha256: this.hash.digest('hex') };
  }

  async drop(): Promise<void> {
    // Closed already when it was finished.
    await this.file.close().catch(() => undefined);
    await rm(this.path, { force: true });
  }
}
