import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const ADMIN_KEY = 'test-admin-key-0123456789';

/** When a wait is given up by default: far beyond what anything takes, also on a machine that is busy with other things. */
export const HANGS_AFTER_MS = 90_000;

export interface PatchbayOptions {
  /** more environment, e.g. GRAPH_URL, REDIS_URL, DATABASE_URL */
  readonly env?: Readonly<Record<string, string>>;
  /** an existing data folder, to start again on it; else a new one that goes with the test */
  readonly dataDir?: string;
  readonly port?: number;
  /** arguments of node itself, e.g. --cpu-prof */
  readonly nodeArguments?: readonly string[];
  /** false: for starts that are expected to fail; `exited` tells how */
  readonly waitUntilReady?: boolean;
}

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole Patchbay in a process of its own, spoken to over HTTP only. The build must be up to date (`npm test` sees to it). */
export class Patchbay {
  readonly logLines: string[] = [];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private readonly watchers = new Set<() => void>();

  constructor(
    readonly url: string,
    readonly dataDir: string,
    private readonly child: ChildProcess,
    private readonly ownsDataDir: boolean,
  ) {
    this.exited = once(child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.record(line));
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** `path` below /api/v1 unless it starts with `//`, which stands for the root. `key: null` sends none. */
  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    { body, key = ADMIN_KEY, headers = {} }: CallOptions = {},
    timeoutMs?: number,
  ): Promise<Answer<T>> {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(path.startsWith('//') ? this.url + path.slice(1) : `${this.url}/api/v1${path}`, {
      method,
      ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) as T };
  }

  /** A callback command: `GET /chat/<uri>?<query>`. */
  command<T = unknown>(uri: string, query: string, options: CallOptions = {}): Promise<Answer<T>> {
    return this.call<T>('GET', `//chat/${uri}?${query}`, options);
  }

  async waitUntilReady(withinMs = 180_000): Promise<void> {
    await eventually(
      'readiness',
      async () => (await this.call('GET', '//health/ready', { key: null })).status === 200,
      withinMs,
    );
  }

  /** The first log line that fits, also one that came before. */
  async waitForLog(fits: (line: string) => boolean, withinMs = HANGS_AFTER_MS): Promise<string> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const line = this.logLines.find(fits);
      if (line !== undefined) return line;
      if (Date.now() > deadline)
        throw new Error(
          `no such log line within ${withinMs} ms; the last ones:\n${this.logLines.slice(-20).join('\n')}`,
        );
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.watchers.delete(done);
          resolve();
        };
        this.watchers.add(done);
        setTimeout(done, 200).unref();
      });
    }
  }

  /** SIGTERM, and how it ended. */
  async stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.child.kill('SIGTERM');
    return this.exited;
  }

  /** kill -9 */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Stops it if it still runs, and removes its data folder. */
  async dispose(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const killer = setTimeout(() => this.child.kill('SIGKILL'), 30_000);
      await this.stop();
      clearTimeout(killer);
    }
    if (this.ownsDataDir) await rm(this.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }

  private record(line: string): void {
    this.logLines.push(line);
    for (const watcher of [...this.watchers]) watcher();
  }
}

/** What `npm start` and the image give Node. */
const AS_STARTED = ['--max-semi-space-size=64'];

export async function startPatchbay(options: PatchbayOptions = {}): Promise<Patchbay> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'patchbay-test-')));
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    process.execPath,
    [...AS_STARTED, ...(options.nodeArguments ?? []), join(process.cwd(), 'dist', 'main.js')],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: String(port),
        PUBLIC_URL: url,
        DATA_DIR: dataDir,
        ADMIN_API_KEY: ADMIN_KEY,
        LOG_FORMAT: 'json',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const patchbay = new Patchbay(url, dataDir, child, options.dataDir === undefined);
  if (options.waitUntilReady === false) return patchbay;
  const early = patchbay.exited.then(({ code, signal }) => {
    throw new Error(`Patchbay ended before it was ready (${code ?? signal}):\n${patchbay.logLines.join('\n')}`);
  });
  await Promise.race([patchbay.waitUntilReady(), early]);
  early.catch(() => undefined);
  return patchbay;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Who asks often takes the processor from those it waits for: soon at first, then less and less. */
const FIRST_PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 250;

/** Asks again until the answer is truthy. For what happens in another process and announces itself to nobody. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | false | undefined | null>,
  withinMs = HANGS_AFTER_MS,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last = '';
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.6, LONGEST_PAUSE_MS)) {
    try {
      const found = await ask();
      if (found) return found;
    } catch (error) {
      last = error instanceof Error ? error.message : JSON.stringify(error);
    }
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${withinMs} ms${last && `: ${last}`}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
