import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, ConfigError } from '../platform/config/config.js';
import type { Log } from '../platform/logging/log.js';

export const KEY_PREFIX = 'pb_';
const FILE = 'admin.key';

/** A new API key: 256 random bits, so that a fast hash of it is safe to keep. */
export function generateKey(): string {
  return KEY_PREFIX + randomBytes(32).toString('base64url');
}

/**
 * The bootstrap key: ADMIN_API_KEY, else the one in `DATA_DIR/admin.key`, which is made, and printed once, on the first start.
 * Processes that start at the same moment agree on one key: whoever links the file first wins.
 */
export async function ensureAdminKey(
  config: Pick<Config, 'adminApiKey' | 'dataDir'>,
  log: Pick<Log, 'info'>,
): Promise<string> {
  if (config.adminApiKey) return config.adminApiKey;
  const file = join(config.dataDir, FILE);
  const existing = await readKey(file);
  if (existing) return existing;
  await mkdir(config.dataDir, { recursive: true });
  const key = generateKey();
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${key}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    const theirs = isCode(error, 'EEXIST') ? await readKey(file) : undefined;
    if (theirs) return theirs;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  log.info({ file }, `made the admin API key ${key} (shown this once; it is kept in ${file})`);
  return key;
}

async function readKey(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const key = text.trim();
  if (key.length >= 16) return key;
  throw new ConfigError(
    `${file} is not usable: given ${key.length} characters, allowed is a key of at least 16 characters. Delete it to have a new one made.`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
