import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded-postgres.types.js';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? it : it.skip;
const log = { info: () => undefined, warn: () => undefined };

describe('the embedded PostgreSQL', () => {
  let base: string;
  let dataDir: string;
  const running = new Set<EmbeddedPostgres>();

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'patchbay-pg-'));
    dataDir = join(base, 'data');
  });

  afterEach(async () => {
    for (const database of running) await database.stop();
    running.clear();
    await rm(base, { recursive: true, force: true });
  });

  async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
    const database = await startEmbeddedPostgres({ dataDir, log, settings: { fsync: 'off' }, ...options });
    running.add(database);
    return database;
  }

  async function ask(
    database: EmbeddedPostgres,
    sql: string,
    connectionString = database.connectionString,
  ): Promise<unknown[]> {
    const client = new Client({ connectionString });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows.flat();
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async function askUntilAnswered(database: EmbeddedPostgres, sql: string): Promise<unknown[]> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await ask(database, sql);
      } catch (error) {
        if (attempt > 200) throw error;
        await sleep(50);
      }
    }
  }

  it('keeps its data and its port over a restart, on disk for good', async () => {
    const first = await start({ settings: {} });
    await ask(first, "CREATE TABLE kept AS SELECT 'ä€😀' AS word");
    await first.stop();
    await expect(first.exited).resolves.toEqual({ status: 'stopped' });

    const second = await start();
    expect(second.port).toBe(first.port);
    expect(second.connectionString).toBe(first.connectionString);
    expect(await ask(second, 'SELECT word FROM kept')).toEqual(['ä€😀']);
  });

  it('loses nothing it acknowledged: durable, UTF-8, UTC', async () => {
    const database = await start({ settings: {} });
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'TimeZone', 'server_encoding'];
    const settings = names.map((name) => `current_setting('${name}')`).join(', ');
    expect(await ask(database, `SELECT ${settings}`)).toEqual(['on', 'on', 'on', 'UTC', 'UTF8']);
    expect(await ask(database, `SELECT lower('ÄÖÜ'), datlocale FROM pg_database WHERE datname = 'patchbay'`)).toEqual([
      'äöü',
      'C.UTF-8',
    ]);
  });

  it('listens on loopback only, with a password that lies in a file of mode 0600', async () => {
    const database = await start({ settings: { fsync: 'off', listen_addresses: '*' } });
    const shown =
      "SELECT current_setting('listen_addresses'), current_setting('unix_socket_permissions'), inet_server_addr()";
    expect(await ask(database, shown)).toEqual(['127.0.0.1', '0700', null]);
    expect(await ask(database, shown, database.tcpConnectionString)).toEqual(['127.0.0.1', '0700', '127.0.0.1']);
    expect((await stat(join(dataDir, 'postgres', 'run'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres', 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
    for (const way of [database.connectionString, database.tcpConnectionString]) {
      const stranger = new Client({ connectionString: way.replace(/:[^:@]+@/, ':guess@') });
      await expect(stranger.connect()).rejects.toThrow('password authentication failed');
    }
    const password = /:([^:@]+)@/.exec(database.connectionString)?.[1] ?? 'none';
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(password);
  });

  it.each(['deep'.repeat(30), 'a, "b"'])('has no socket where its path cannot be one: %s', async (name) => {
    dataDir = join(base, name);
    await mkdir(dataDir);
    const database = await start();
    const shown = "SELECT current_setting('unix_socket_directories'), inet_server_addr()";
    expect(await ask(database, shown)).toEqual(['', '127.0.0.1']);
  });

  it('writes neither statements nor rows into its log', async () => {
    const database = await start();
    await ask(database, 'CREATE TABLE secret (word text UNIQUE)');
    await ask(database, "INSERT INTO secret VALUES ('hush-4711')");
    await expect(ask(database, "INSERT INTO secret VALUES ('hush-4711')")).rejects.toThrow('duplicate key');
    const written = await readFile(join(dataDir, 'postgres', 'log', 'postgres.log'), 'utf8');
    expect(written).toContain('duplicate key');
    expect(written).not.toContain('hush-4711');
  });

  it('comes back on the same port when its server is killed, with all that was committed', async () => {
    const database = await start({ settings: {} });
    await ask(database, 'CREATE TABLE kept AS SELECT 42 AS n');
    const busy = ask(database, 'SELECT count(*) FROM generate_series(1, 100000000)').catch(() => 'cut off'); // notices nothing
    await sleep(300);
    for (let round = 0; round < 2; round += 1) {
      const before = database.pid ?? 0;
      process.kill(before, 'SIGKILL');
      expect(await askUntilAnswered(database, 'SELECT n FROM kept')).toEqual([42]);
      // The new one answers before whoever looks after it has heard that it does.
      while (database.pid === before) await sleep(20);
    }
    await busy;
  });

  it('stays stopped when it is stopped while it comes back', async () => {
    const database = await start();
    process.kill(database.pid ?? 0, 'SIGKILL');
    await sleep(100);
    await database.stop();
    await expect(database.exited).resolves.toEqual({ status: 'stopped' });
    await sleep(500);
    await expect(ask(database, 'SELECT 1', database.tcpConnectionString)).rejects.toThrow('ECONNREFUSED');
    expect(await ask(await start(), 'SELECT 1')).toEqual([1]);
  });

  it('stops although sessions are open, and may be stopped twice', async () => {
    const database = await start();
    const client = new Client({ connectionString: database.connectionString });
    const cut = new Promise((done) => client.on('error', done));
    await client.connect();
    const begin = Date.now();
    await Promise.all([database.stop(), database.stop()]);
    expect(Date.now() - begin).toBeLessThan(5_000);
    await cut;
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('begins anew when its data folder was only half made', async () => {
    const half = join(dataDir, 'postgres', 'data.new-12345678');
    await mkdir(half, { recursive: true });
    await writeFile(join(half, 'PG_VERSION'), '18\n');
    const database = await start();
    expect(await ask(database, 'SELECT 1')).toEqual([1]);
    expect((await readdir(join(dataDir, 'postgres'))).filter((name) => name.startsWith('data'))).toEqual(['data']);
  });

  it('refuses a data folder of another major version, and says what to do', async () => {
    await (await start()).stop();
    await writeFile(join(dataDir, 'postgres', 'data', 'PG_VERSION'), '17\n');
    const refusal = start();
    await expect(refusal).rejects.toMatchObject({ name: 'EmbeddedPostgresError' });
    await expect(refusal).rejects.toThrow(/PostgreSQL 17.*PostgreSQL 18.*dump/);
    expect(await readdir(dataDir)).toEqual(['postgres']); // and holds the folder no longer
  });

  it('does not touch a folder that is no database', async () => {
    await mkdir(join(dataDir, 'postgres', 'data'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'data', 'diary.txt'), 'dear diary');
    await expect(start()).rejects.toThrow(/neither empty nor a PostgreSQL data folder/);
    expect(await readdir(join(dataDir, 'postgres', 'data'))).toEqual(['diary.txt']);
  });

  it('starts although the pid of its last server belongs to another program by now', async () => {
    const first = await start();
    const folder = join(dataDir, 'postgres', 'data');
    const left = await readFile(join(folder, 'postmaster.pid'), 'utf8');
    await first.stop();
    const other = spawn('sleep', ['60']);
    try {
      await writeFile(join(folder, 'postmaster.pid'), left.replace(/^\d+/, String(other.pid)), { mode: 0o600 });
      expect(await ask(await start(), 'SELECT 1')).toEqual([1]);
      expect(other.exitCode).toBeNull();
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('takes another port when its own is taken, and says so when that one was asked for', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(first.port, '127.0.0.1', done));
    try {
      await expect(start({ port: first.port })).rejects.toThrow(`Port ${first.port} on 127.0.0.1 is taken`);
      const second = await start();
      expect(second.port).not.toBe(first.port);
      expect(await ask(second, 'SELECT 1')).toEqual([1]);
    } finally {
      await new Promise((done) => squatter.close(done));
    }
  });

  it('sets a new password when the file with it was lost', async () => {
    const first = await start();
    await ask(first, 'CREATE TABLE kept AS SELECT 1 AS n');
    await first.stop();
    await rm(join(dataDir, 'postgres', 'password'));
    const second = await start();
    expect(second.connectionString).not.toBe(first.connectionString);
    expect(await ask(second, 'SELECT n FROM kept')).toEqual([1]);
  });

  it('repeats what the server said when it cannot start', async () => {
    await (await start()).stop();
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(/shared_buffers.*plenty/);
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('moves with its folder, and works in a deep one', async () => {
    await (await start()).stop();
    const deep = join(base, 'd'.repeat(100), 'with blanks and "quotes"');
    await mkdir(deep, { recursive: true });
    await rename(dataDir, join(deep, 'data'));
    const moved = await start({ dataDir: join(deep, 'data') });
    expect(await ask(moved, 'SELECT 1')).toEqual([1]);
  });

  asRoot('runs for root in a folder that only root may enter, and its files stay root’s', async () => {
    expect((await stat(base)).mode & 0o777).toBe(0o700);
    const database = await start();
    expect(await ask(database, 'SELECT 1')).toEqual([1]);
    expect((await stat(join(dataDir, 'postgres', 'data', 'PG_VERSION'))).uid).toBe(0);
  });

  asRoot('runs for root without a user namespace, as a user without rights', async () => {
    await chmod(base, 0o755);
    const first = await start({ userNamespace: false });
    await ask(first, 'CREATE TABLE kept AS SELECT 1 AS n');
    expect((await stat(`/proc/${first.pid}`)).uid).not.toBe(0);
    expect((await stat(join(dataDir, 'postgres', 'data', 'PG_VERSION'))).uid).not.toBe(0);
    expect((await stat(dataDir)).mode & 0o007).toBe(0);
    await first.stop();
    expect(await ask(await start(), 'SELECT n FROM kept')).toEqual([1]);
  });

  asRoot('says what to do when neither way is open, and leaves the folders as they were', async () => {
    await expect(start({ userNamespace: false })).rejects.toThrow(
      /refuses to run as root.*ordinary user.*DATABASE_URL/s,
    );
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(0);
  });
});
