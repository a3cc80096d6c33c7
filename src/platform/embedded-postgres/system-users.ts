import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** initdb asks for its user's name and ends when there is none, so only users that exist will do. */
export async function readUsers(): Promise<readonly SystemUser[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    return /^\d+$/.test(uid) && /^\d+$/.test(gid) && uid !== '0' ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** The users that systems keep for running servers, PostgreSQL's own first. */
export function daemonOf(users: readonly SystemUser[]): SystemUser | undefined {
  const names = ['postgres', '_postgres', 'nobody', 'daemon'];
  return names.map((name) => users.find((user) => user.name === name)).find((user) => user !== undefined);
}

/**
 * Whom root can hand a folder to: its owner, and nobody else, if it has one. Else the owner of the place it lies in (root
 * was used once, in somebody's home), then a server's user.
 */
export async function usersFor(folder: string, users: readonly SystemUser[]): Promise<readonly SystemUser[]> {
  const known = (owner: { uid: number; gid: number }): SystemUser =>
    users.find(({ uid }) => uid === owner.uid) ?? { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const own = await stat(folder);
  if (own.uid !== 0) return [known(own)];
  const found: SystemUser[] = [];
  for (let place = dirname(folder); place !== dirname(place); place = dirname(place)) {
    const owner = await stat(place);
    if (owner.uid === 0) continue;
    found.push(known(owner));
    break;
  }
  const daemon = daemonOf(users);
  return daemon && daemon.uid !== found[0]?.uid ? [...found, daemon] : found;
}
