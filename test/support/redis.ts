import { describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a Redis for tests may come from: a `redis-server` to start our own, else somebody's at REDIS_URL, else nowhere. */
type Source = { readonly kind: 'own' } | { readonly kind: 'given'; readonly url: string };

const READY_WITHIN_MS = 10_000;

function findSource(): Source | undefined {
  const program = spawnSync('redis-server', ['--version'], { stdio: 'ignore' });
  if (program.status === 0) return { kind: 'own' };
  const url = process.env['REDIS_URL'];
  return url ? { kind: 'given', url } : undefined;
}

const source = findSource();
const ABSENT = 'no redis-server was found and REDIS_URL is not set';

/** Whether this machine has a Redis for tests at all. */
export const hasRedis = source !== undefined;
/** Whether it is one of our own, which a test may kill and restart. */
export const hasOwnRedis = source?.kind === 'own';

/**
 * `describe` for suites that need Redis. Without one the suite is skipped and says so loudly; in CI that is a failure.
 *
 * @param needs `'own'` when the suite kills or restarts the server, which it may not do to somebody's at REDIS_URL
 */
export function describeWithRedis(name: string, suite: () => void, needs: 'any' | 'own' = 'any'): void {
  if (needs === 'own' ? hasOwnRedis : hasRedis) {
    describe(name, suite);
    return;
  }
  const why = `${name}: ${hasRedis ? 'needs a redis-server of its own, and none was found' : ABSENT}`;
  if (process.env['CI'] === 'true') {
    describe(name, () => {
      it('has the Redis that it needs', () => expect(why).toBe(''));
    });
    return;
  }
  process.stderr.write(`\n\n*** SKIPPED: ${why} ***\n\n`);
  describe.skip(name, suite);
}

/** A throw-away `redis-server` on a free loopback port with its own folder; or, where there is none, the one at REDIS_URL. */
export class TestRedis {
  private child: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly own?: { readonly port: number; readonly folder: string; readonly options: readonly string[] },
  ) {}

  /** @param options further arguments of redis-server, such as `['--maxmemory-policy', 'allkeys-lru']` */
  static async start(options: readonly string[] = []): Promise<TestRedis> {
    if (!source) throw new Error(`Redis is needed, but ${ABSENT}.`);
    if (source.kind === 'given') return new TestRedis(source.url);
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-redis-'));
    const redis = new TestRedis(`redis://127.0.0.1:${port}`, { port, folder, options });
    await redis.spawn();
    return redis;
  }

  /** Ends the server as an operator would, and removes its data. Somebody's server is left alone. */
  async stop(): Promise<void> {
    if (!this.own) return;
    await this.end('SIGTERM');
    await rm(this.own.folder, { recursive: true, force: true });
  }

  /** `kill -9`. The data that reached its append-only file stays for {@link revive}. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts it again on the same port and the same data. */
  async revive(): Promise<void> {
    if (!this.child) await this.spawn();
  }

  /** Stops it in good order, leaves it down for a while, and starts it again on the same port and data. */
  async restart(downMs = 0): Promise<void> {
    await this.end('SIGTERM');
    await sleep(downMs);
    await this.spawn();
  }

  private async spawn(): Promise<void> {
    const { port, folder, options } = this.mine();
    const child = spawn(
      'redis-server',
      // prettier-ignore
      [
        '--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--daemonize', 'no', '--save', '',
        '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', ...options,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
    }
    this.child = child;
    process.once('exit', () => child.kill('SIGKILL'));
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await answersPing(port))) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        this.child = undefined;
        child.kill('SIGKILL');
        throw new Error(`redis-server did not start on port ${port}:\n${said}`);
      }
      await sleep(20);
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.mine();
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  private mine(): NonNullable<TestRedis['own']> {
    if (!this.own) throw new Error('The Redis at REDIS_URL is not ours to stop; install redis-server for this test.');
    return this.own;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** True once the server answers PONG; a server that is still loading its data answers an error. */
async function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => done(false));
    socket.once('data', (data) => done(data.toString().startsWith('+PONG')));
    socket.once('error', () => done(false));
  });
}
