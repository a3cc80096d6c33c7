import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { transformFile } from '@swc/core';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { isRunning } from './process-identity.js';

/** Gateways here are processes of their own, because what is tested is what happens when they die or meet. */
const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '..', '..', '..', 'node_modules', '.cache');
const NOBODY = 65_534;

const GATEWAY = `
import { createInterface } from 'node:readline';
import { DataDirLock, startEmbeddedPostgres } from './index.js';
const dataDir = process.argv[2];
const say = (what) => process.stdout.write(JSON.stringify(what) + '\\n');
const log = { info: () => undefined, warn: () => undefined };
let database;
process.on('SIGINT', () => say({ signal: 'SIGINT' }));
process.on('SIGTERM', () => say({ signal: 'SIGTERM' }));
for await (const line of createInterface({ input: process.stdin })) {
  const [command, at] = line.split(' ');
  while (Date.now() < Number(at)); // all at the same moment
  try {
    if (command === 'lock') await DataDirLock.acquire(dataDir);
    if (command === 'start') database = await startEmbeddedPostgres({ dataDir, log, settings: { fsync: 'off' } });
    if (command === 'stop') await database.stop();
    say({ done: command, url: database?.connectionString, server: database?.pid });
  } catch (error) {
    say({ refused: error.name, text: error.message, holder: error.pid });
  }
}
process.exit(0);
`;

interface Said {
  readonly done?: string;
  readonly url: string;
  readonly server: number;
  readonly refused?: string;
  readonly holder?: number;
  readonly text?: string;
  readonly signal?: string;
}

class Gateway {
  readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(folder: string, dataDir: string, user?: number) {
    this.process = spawn(process.execPath, [join(folder, 'gateway.js'), dataDir], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true, // a group of its own, to signal as a terminal does
      ...(user !== undefined && { uid: user, gid: user }),
    });
    this.process.stdin?.on('error', () => undefined);
    if (!this.process.stdout) throw new Error('no output');
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async hear(): Promise<Said> {
    return JSON.parse((await this.lines.next()).value as string) as Said;
  }

  tell(command: string): Promise<Said> {
    this.process.stdin?.write(`${command}\n`);
    return this.hear();
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGKILL');
    await gone;
  }
}

describe('gateways as processes', () => {
  let code: string;
  let base: string;
  let dataDir: string;
  let gateways: Gateway[] = [];
  const servers = new Set<number>();

  beforeAll(async () => {
    await mkdir(cache, { recursive: true });
    code = await mkdtemp(join(cache, 'embedded-postgres-'));
    await writeFile(join(code, 'package.json'), '{"type":"module"}');
    await writeFile(join(code, 'gateway.js'), GATEWAY);
    for (const name of await readdir(here)) {
      if (!name.endsWith('.ts') || name.endsWith('.spec.ts')) continue;
      const { code: script } = await transformFile(join(here, name), {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
      });
      await writeFile(join(code, name.replace(/ts$/, 'js')), script);
    }
    execFileSync('chmod', ['-R', 'a+rX', code]);
  });

  afterAll(() => rm(code, { recursive: true, force: true }));

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'patchbay-gateways-'));
    dataDir = join(base, 'data');
  });

  afterEach(async () => {
    for (const gateway of gateways) await gateway.kill();
    gateways = [];
    for (const server of servers) await untilGone(server).catch(() => process.kill(server, 'SIGQUIT'));
    servers.clear();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  function gateway(user?: number): Gateway {
    const started = new Gateway(code, dataDir, user);
    gateways.push(started);
    return started;
  }

  async function started(user?: number): Promise<{ gateway: Gateway; said: Said }> {
    const one = gateway(user);
    const said = await one.tell('start');
    if (said.done) servers.add(said.server);
    return { gateway: one, said };
  }

  async function untilGone(pid: number): Promise<void> {
    for (let looks = 0; looks < 400; looks += 1) {
      if (!(await isRunning(pid))) return;
      await sleep(25);
    }
    throw new Error(`process ${pid} still runs`);
  }

  async function ask(url: string, sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    await client.end();
    return rows.flat();
  }

  it('gives a DATA_DIR to exactly one of those that want it at the same moment, new or left by a dead one', async () => {
    const count = 6;
    for (let index = 0; index < count; index += 1) gateway();
    for (let round = 0; round < 12; round += 1) {
      const at = Date.now() + (round === 0 ? 1_000 : 250);
      const said = await Promise.all(gateways.map((one) => one.tell(`lock ${at}`)));
      const winners = gateways.filter((_, index) => said[index]?.done === 'lock');
      expect(winners).toHaveLength(1);
      const losers = said.filter((one) => one.done === undefined);
      for (const loser of losers) {
        expect(loser).toMatchObject({ refused: 'DataDirHeldError', holder: winners[0]?.process.pid });
        expect(loser.text).toContain(dataDir);
      }
      await winners[0]?.kill(); // leaves its lock behind
      gateways = gateways.filter((one) => one !== winners[0]);
      gateway();
    }
  });

  it('refuses a second gateway while the first one runs, and lets it in after', async () => {
    const first = await started();
    const second = gateway();
    const refusal = await second.tell('start');
    expect(refusal).toMatchObject({ refused: 'DataDirHeldError', holder: first.gateway.process.pid });
    expect(refusal.text).toContain(`DATA_DIR ${dataDir} is held by process ${first.gateway.process.pid}`);
    expect(await ask(first.said.url, 'SELECT 1')).toEqual([1]);

    await first.gateway.tell('stop');
    expect(await second.tell('start')).toMatchObject({ done: 'start' });
    await second.tell('stop');
  });

  it('starts one database when several gateways begin on an empty DATA_DIR together', async () => {
    for (let index = 0; index < 3; index += 1) gateway();
    const at = Date.now() + 800;
    const said = await Promise.all(gateways.map((one) => one.tell(`start ${at}`)));
    expect(said.map((one) => one.done ?? one.refused).toSorted()).toEqual([
      'DataDirHeldError',
      'DataDirHeldError',
      'start',
    ]);
    await gateways[said.findIndex((one) => one.done)]?.tell('stop');
  });

  it('leaves no database behind when it is killed, and finds its data again', async () => {
    const { gateway: first, said } = await started();
    await ask(said.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.kill();
    await untilGone(said.server);
    const second = await started();
    expect(await ask(second.said.url, 'SELECT n FROM kept')).toEqual([7]);
    expect(second.said.url).toBe(said.url);
    await second.gateway.tell('stop');
  });

  it('starts at once after it was killed, over the database that is still there', async () => {
    const { gateway: first, said } = await started();
    await ask(said.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    const processes = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    const watchdog = processes.find((line) => line.endsWith(`patchbay-watchdog ${said.server}`));
    process.kill(Number.parseInt(watchdog ?? 'none', 10), 'SIGKILL');
    await first.kill();
    await sleep(300);
    expect(await isRunning(said.server)).toBe(true);
    expect(await ask(said.url, 'SELECT n FROM kept')).toEqual([7]);

    const second = await started();
    expect(await isRunning(said.server)).toBe(false);
    expect(await ask(second.said.url, 'SELECT n FROM kept')).toEqual([7]);
    await second.gateway.tell('stop');
  });

  it('starts after gateway and server were killed together, though a session goes on', async () => {
    const { gateway: first, said } = await started();
    const busy = ask(said.url, 'SELECT count(*) FROM generate_series(1, 500000000)').catch(() => 'cut off');
    await sleep(300);
    process.kill(said.server, 'SIGKILL');
    await first.kill();
    const second = await started();
    expect(second.said).toMatchObject({ done: 'start' });
    expect(await ask(second.said.url, 'SELECT 1')).toEqual([1]);
    await busy;
    await second.gateway.tell('stop');
  });

  it('starts after it was killed in the middle of its first start', async () => {
    const first = gateway();
    void first.tell('start').catch(() => undefined);
    const drafts = async (): Promise<string[]> =>
      (await readdir(join(dataDir, 'postgres')).catch(() => [])).filter((name) => name.startsWith('data.new-'));
    while ((await drafts()).length === 0) await sleep(5);
    await sleep(30);
    await first.kill();
    expect(await drafts()).toHaveLength(1);
    const second = await started();
    expect(second.said).toMatchObject({ done: 'start' });
    await second.gateway.tell('stop');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('keeps its database when its whole group gets %s', async (signal) => {
    const { gateway: one, said } = await started();
    process.kill(-(one.process.pid ?? 0), signal);
    expect(await one.hear()).toEqual({ signal });
    await sleep(300);
    expect(await ask(said.url, 'SELECT 1')).toEqual([1]);
    await one.tell('stop');
    await untilGone(said.server);
  });

  it('works for an ordinary user', async () => {
    const user = process.getuid?.() === 0 ? NOBODY : undefined;
    const reaches = spawnSync(
      'test',
      ['-r', join(code, 'gateway.js')],
      user === undefined ? {} : { uid: user, gid: user },
    );
    if (reaches.status !== 0) {
      process.stderr.write('SKIPPED: an ordinary user cannot enter the folder of this project\n');
      return;
    }
    if (user !== undefined) await chown(base, user, user);
    const { gateway: one, said } = await started(user);
    expect(said).toMatchObject({ done: 'start' });
    expect(await ask(said.url, 'SELECT 1')).toEqual([1]);
    expect((await stat(join(dataDir, 'postgres', 'data'))).uid).toBe(user ?? process.getuid?.());
    const session = await readFile(`/proc/${said.server}/stat`, 'utf8').catch(() => undefined);
    if (session) expect(session.slice(session.lastIndexOf(')') + 2).split(' ')[3]).toBe(String(said.server));
    await one.tell('stop');

    if (user === undefined) return;
    const asRoot = await started(); // sudo, once
    expect(asRoot.said).toMatchObject({ done: 'start' });
    await asRoot.gateway.kill();
    await untilGone(asRoot.said.server);
    const again = await started(user); // the lock that root left behind is replaced, too
    expect(again.said).toMatchObject({ done: 'start' });
    await again.gateway.tell('stop');
  });
});
