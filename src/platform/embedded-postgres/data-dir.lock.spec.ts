import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataDirLock } from './data-dir.lock.js';
import { DataDirHeldError } from './embedded-postgres.errors.js';
import { identifySelf, type ProcessIdentity } from './process-identity.js';

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('the lock on DATA_DIR', () => {
  let dataDir: string;
  let file: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'patchbay-lock-'));
    file = join(dataDir, 'patchbay.lock');
  });

  afterEach(async () => {
    child?.kill('SIGKILL');
    child = undefined;
    await rm(dataDir, { recursive: true });
  });

  /** Writes the lock of some other process, by default one that is this very process but for the changes. */
  async function leaveLock(changes: Partial<ProcessIdentity>): Promise<void> {
    await writeFile(file, JSON.stringify({ ...(await identifySelf()), token: 'another-token', ...changes }));
  }

  async function startTimeOf(pid: number): Promise<string> {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  }

  it('creates a DATA_DIR that only its user may enter', async () => {
    const lock = await DataDirLock.acquire(join(dataDir, 'deep', 'down'));
    expect((await stat(join(dataDir, 'deep', 'down'))).mode & 0o777).toBe(0o700);
    await lock.release();
  });

  it('refuses a second holder with DATA_DIR and the pid, and lets it in after the release', async () => {
    const lock = await DataDirLock.acquire(dataDir);
    const refusal = await DataDirLock.acquire(dataDir).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataDirHeldError);
    expect(refusal).toMatchObject({ dataDir, pid: process.pid });
    expect(String(refusal)).toContain(dataDir);
    expect(String(refusal)).toContain(String(process.pid));

    await lock.release();
    await (await DataDirLock.acquire(dataDir)).release();
    expect(await readdir(dataDir)).toEqual([]);
  });

  onLinux('is held by another living process', async () => {
    child = spawn('sleep', ['60']);
    const pid = child.pid ?? 0;
    await leaveLock({ pid, startedAt: await startTimeOf(pid) });
    await expect(DataDirLock.acquire(dataDir)).rejects.toMatchObject({ name: 'DataDirHeldError', pid });
  });

  onLinux('is not held by a process that was given the pid of a dead holder', async () => {
    child = spawn('sleep', ['60']);
    await leaveLock({ pid: child.pid ?? 0, startedAt: '1' });
    await (await DataDirLock.acquire(dataDir)).release();
  });

  onLinux('is not held by a zombie', async () => {
    // sleep never asks after its children, so the one that it takes over from the shell stays a zombie.
    child = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number(await new Promise((done) => child?.stdout?.once('data', done)));
    for (let looks = 0; looks < 100 && !(await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z '); looks += 1)
      await sleep(20);
    expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    expect(process.kill(pid, 0)).toBe(true); // to a signal it still looks alive
    await leaveLock({ pid, startedAt: await startTimeOf(pid) });
    await (await DataDirLock.acquire(dataDir)).release();
  });

  onLinux('is not held by a process of an earlier boot', async () => {
    await leaveLock({ boot: 'the boot before' });
    await (await DataDirLock.acquire(dataDir)).release();
  });

  it.each(['', '{"pid":', '{"some":"thing"}'])('is not held by a file that names nobody (%j)', async (content) => {
    await writeFile(file, content);
    await (await DataDirLock.acquire(dataDir)).release();
  });

  it('is held from another container as long as the holder gives signs of life', async () => {
    await leaveLock({ pidNamespace: 'pid:[1]', pid: 1, host: 'other-container' });
    const beat = setInterval(() => void utimes(file, new Date(), new Date()), 500);
    const refusal = await DataDirLock.acquire(dataDir).catch((error: unknown) => error);
    clearInterval(beat);
    expect(refusal).toMatchObject({ name: 'DataDirHeldError', pid: 1 });
    expect(String(refusal)).toContain('other-container');
  });

  it('falls to the next one when a holder in another container gives no sign of life', async () => {
    await leaveLock({ pidNamespace: 'pid:[1]', pid: 1 });
    const lock = await DataDirLock.acquire(dataDir);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  }, 20_000);

  it('gives signs of life itself', async () => {
    const lock = await DataDirLock.acquire(dataDir);
    await utimes(file, 1, 1);
    await sleep(1_500);
    expect((await stat(file)).mtimeMs).toBeGreaterThan(1_000);
    await lock.release();
  });

  it('goes on after a crash in the middle of a take-over', async () => {
    await leaveLock({ boot: 'the boot before' });
    await writeFile(
      `${file}.another-`,
      JSON.stringify({ ...(await identifySelf()), boot: 'the boot before', token: 'a-third' }),
    );
    const lock = await DataDirLock.acquire(dataDir);
    expect(await readdir(dataDir)).toEqual(['patchbay.lock']);
    await lock.release();
  });

  it('does not release what somebody else holds by now', async () => {
    const lock = await DataDirLock.acquire(dataDir);
    await leaveLock({});
    await lock.release();
    expect(await readdir(dataDir)).toEqual(['patchbay.lock']);
  });
});
