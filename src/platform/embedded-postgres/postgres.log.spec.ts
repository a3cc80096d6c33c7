import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresLog } from './postgres.log.js';

describe('the log of the database', () => {
  let folder: string;
  let log: PostgresLog;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchbay-log-'));
    log = new PostgresLog(folder, 1_000, 20);
    await log.prepare();
  });

  afterEach(async () => {
    log.close();
    await rm(folder, { recursive: true });
  });

  it('never fills the disk, though its writer never lets go of it', async () => {
    const output = await log.open();
    for (let line = 0; line < 100; line += 1) {
      await appendFile(log.file, `${String(line).padStart(99, '.')}\n`);
      await sleep(5);
    }
    await sleep(60);
    await output.close();
    expect((await stat(log.file)).size).toBeLessThanOrEqual(1_000);
    expect((await readdir(folder)).toSorted()).toEqual(['postgres.log', 'postgres.log.1']);
    expect((await stat(`${log.file}.1`)).size).toBeLessThanOrEqual(4_000);
  });

  it('tells what one start of the server said, and not what was said before', async () => {
    await appendFile(log.file, 'an old complaint\n');
    const output = await log.open();
    await appendFile(log.file, 'a new complaint\n');
    expect(await log.tail(output.from)).toBe('a new complaint');
    await output.close();
    expect(await readFile(log.file, 'utf8')).toContain('an old complaint');
  });
});
