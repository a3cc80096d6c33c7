import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunIdentity } from './run-identity.js';

/** Of the path of a socket, with the zero behind it: 108 bytes on Linux, 104 on macOS. */
const MOST_BYTES = 103;

/**
 * Where the server's socket lies: through it a statement costs a tenth less than through TCP. Undefined where its path is too long
 * for the system, or cannot be written in the server's settings.
 */
export function socketFolderIn(folder: string, port: number): string | undefined {
  const socketFolder = join(folder, 'run');
  const isShort = Buffer.byteLength(join(socketFolder, `.s.PGSQL.${port}`)) <= MOST_BYTES;
  return process.platform !== 'win32' && isShort && !/[",\n]/.test(socketFolder) ? socketFolder : undefined;
}

/** Empty: what a killed server left there would have to be judged by a process id that may be somebody else's now. */
export async function prepareSocketFolder(socketFolder: string, { owner }: RunIdentity): Promise<void> {
  await rm(socketFolder, { recursive: true, force: true });
  await mkdir(socketFolder, { mode: 0o700 });
  if (owner) await chown(socketFolder, owner.uid, owner.gid);
}
