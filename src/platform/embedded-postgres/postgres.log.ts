import { copyFile, mkdir, open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_BYTES = 8 * 1024 * 1024;
const LOOK_EVERY_MS = 15_000;

/**
 * PostgreSQL's own log: `log/postgres.log` with one predecessor. PostgreSQL rotates by size only by starting new files
 * without end, so we hold its file short from outside: it appends, hence may be cut at any time.
 */
export class PostgresLog {
  readonly file: string;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly folder: string,
    private readonly maxBytes = MAX_BYTES,
    private readonly lookEveryMs = LOOK_EVERY_MS,
  ) {
    this.file = join(folder, 'postgres.log');
  }

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.keepShort();
    this.timer ??= setInterval(() => {
      this.keepShort().catch(() => undefined); // the next look comes; the database must not fall over its log
    }, this.lookEveryMs).unref();
  }

  /** A descriptor to append to, and where it begins: what one start of the server said can be read back from there. */
  async open(): Promise<{ readonly fd: number; readonly from: number; close(): Promise<void> }> {
    const handle = await open(this.file, 'a', 0o600);
    return { fd: handle.fd, from: (await handle.stat()).size, close: () => handle.close() };
  }

  /** The last lines that were written after `from`. */
  async tail(from: number, lines = 6): Promise<string> {
    const handle = await open(this.file, 'r');
    try {
      const { size } = await handle.stat();
      const start = Math.max(Math.min(from, size), size - 16_384);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
      return buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-lines).join('\n');
    } finally {
      await handle.close();
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async keepShort(): Promise<void> {
    const size = await stat(this.file).then(
      (seen) => seen.size,
      () => 0,
    );
    if (size <= this.maxBytes) return;
    if (size <= 4 * this.maxBytes) await copyFile(this.file, `${this.file}.1`); // more than that is a flood: drop it
    await truncate(this.file, 0);
  }
}
