import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataDirHeldError, EmbeddedPostgresError, codeOf, reasonOf } from './embedded-postgres.errors.js';
import { identifySelf, judgeLiveness, type ProcessIdentity } from './process-identity.js';

const BEAT_MS = 1_000;
/** How long a lock whose holder cannot be seen from here may stay without a beat before it counts as left behind. */
const SILENCE_MS = 6 * BEAT_MS;

interface LockRecord extends ProcessIdentity {
  readonly token: string;
}

/**
 * One process per DATA_DIR. Take it before anything is read or written there, release it last.
 *
 * The file is created whole (written aside, then linked), so nobody ever reads half of it. A lock left behind by a dead
 * process is replaced under a second lock named after the dead one's token: of any number of processes that start at
 * the same moment one replaces it, and one that was slow finds another token and knows it lost. That second lock is
 * taken the same way, so a crash in the middle of a take-over blocks nobody either.
 */
export class DataDirLock {
  private readonly beat: NodeJS.Timeout;

  private constructor(
    readonly dataDir: string,
    private readonly file: string,
    private readonly token: string,
  ) {
    this.beat = setInterval(() => {
      const now = new Date();
      utimes(file, now, now).catch(() => undefined); // a missed beat is nothing; the next one comes
    }, BEAT_MS).unref();
  }

  /** @throws DataDirHeldError when a living process holds it */
  static async acquire(dataDir: string): Promise<DataDirLock> {
    const folder = resolve(dataDir);
    const file = join(folder, 'patchbay.lock');
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const record: LockRecord = { ...(await identifySelf()), token: randomUUID() };
      const holder = await take(file, record);
      if (holder)
        throw new DataDirHeldError(folder, holder.pid, holder.host === record.host ? '' : ` on ${holder.host}`);
      await sweep(file);
      return new DataDirLock(folder, file, record.token);
    } catch (error) {
      if (error instanceof DataDirHeldError || codeOf(error) === undefined) throw error;
      throw new EmbeddedPostgresError(
        `DATA_DIR ${folder} cannot be used (${reasonOf(error)}): make it writable for this user, or set DATA_DIR to another folder.`,
        { cause: error },
      );
    }
  }

  async release(): Promise<void> {
    clearInterval(this.beat);
    const record = await read(this.file);
    if (record?.token === this.token) await rm(this.file, { force: true });
  }
}

/** Takes the lock file, or returns who holds it. */
async function take(file: string, mine: LockRecord): Promise<LockRecord | undefined> {
  for (;;) {
    if (await create(file, mine)) return undefined;
    const found = await read(file);
    if (!found) continue; // released in between
    if (!(await isLeftBehind(file, found, mine))) return found;
    const turn = `${file}.${found.token.slice(0, 8)}`;
    if (await take(turn, mine)) {
      await sleep(10); // somebody else is replacing it; look again who won
      continue;
    }
    try {
      const still = await read(file);
      if (still?.token === found.token) {
        await rename(await writeAside(file, mine), file);
        return undefined;
      }
    } finally {
      await rm(turn, { force: true });
    }
  }
}

async function isLeftBehind(file: string, found: LockRecord, mine: LockRecord): Promise<boolean> {
  const liveness = await judgeLiveness(found, mine);
  if (liveness !== 'unknown') return liveness === 'dead';
  const before = await beatOf(file);
  for (let waitedMs = 0; waitedMs < SILENCE_MS; waitedMs += 250) {
    await sleep(250);
    if ((await beatOf(file)) !== before) return false;
  }
  return true;
}

const beatOf = (file: string): Promise<number> =>
  stat(file).then(
    (seen) => seen.mtimeMs,
    () => 0,
  );

async function create(file: string, record: LockRecord): Promise<boolean> {
  const aside = await writeAside(file, record);
  try {
    await link(aside, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (codeOf(error) === 'ENOENT') return await create(file, record); // somebody tidied up our draft
    return await createInPlace(file, record); // a file system without hard links
  } finally {
    await rm(aside, { force: true });
  }
}

async function createInPlace(file: string, record: LockRecord): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o644);
    await handle.writeFile(JSON.stringify(record)).finally(() => handle.close());
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeAside(file: string, record: LockRecord): Promise<string> {
  const aside = join(dirname(file), `.${basename(file)}-${randomUUID()}`);
  const handle = await open(aside, 'wx', 0o644);
  await handle.writeFile(JSON.stringify(record)).finally(() => handle.close());
  return aside;
}

/** What the file says; a file that says nothing readable (a power cut, a full disk) names a process that cannot run. */
async function read(file: string): Promise<LockRecord | undefined> {
  let text = '';
  for (let attempt = 0; attempt < 20; attempt += 1) {
    try {
      text = await readFile(file, 'utf8');
      const parsed: unknown = JSON.parse(text);
      if (isRecord(parsed)) return parsed;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      if (codeOf(error) !== undefined) throw error; // else it is no JSON
    }
    await sleep(25); // where links are missing, it may be in the middle of being written
  }
  return { ...(await identifySelf()), pid: 2 ** 30, token: `unread-${text.length}` };
}

function isRecord(value: unknown): value is LockRecord {
  return (
    typeof value === 'object' && value !== null && 'pid' in value && Number.isInteger(value.pid) && 'token' in value
  );
}

/** Drafts and turns of processes that died in the middle. Nobody can win with them any more: the lock's token is new. */
async function sweep(file: string): Promise<void> {
  const folder = dirname(file);
  for (const name of await readdir(folder)) {
    const isTurn = name.startsWith(`${basename(file)}.`);
    const isOldDraft =
      name.startsWith(`.${basename(file)}`) && Date.now() - (await beatOf(join(folder, name))) > 60_000;
    if (isTurn || isOldDraft) await rm(join(folder, name), { force: true });
  }
}
