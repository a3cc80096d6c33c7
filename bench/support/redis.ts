import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from '../../test/support/patchbay.js';

/** A throw-away `redis-server` that writes nothing to disk: what must not be lost is in PostgreSQL. */
export class BenchRedis {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    process.once('exit', this.kill);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  }

  static async start(): Promise<BenchRedis> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-redis-'));
    const options = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const child = spawn('redis-server', options, { stdio: 'ignore' });
    child.on('error', () => undefined);
    await eventually('redis-server to listen', () => listens(port), 10_000);
    return new BenchRedis(`redis://127.0.0.1:${port}`, child, folder);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** A bench that is cut off must not leave a server behind. */
  private readonly kill = (): void => {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  };

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
