import { Problem } from '../../platform/problem/problem.js';
import type { AccountRow } from '../account.repository.js';
import type { StoredGroup } from '../account-group.repository.js';

/** A group that a command is about. */
export interface Selection {
  readonly group: StoredGroup;
  /** the senders it is about */
  readonly accounts: readonly AccountRow[];
  /** whether the group as such was meant, and not only some of its senders */
  readonly isWhole: boolean;
}

export interface Selected {
  readonly selections: readonly Selection[];
  readonly unknown: readonly string[];
}

/** Ids are those of groups or of accounts; an account's id selects its group, and in it that account. None: all groups. */
export function selectGroups(groups: readonly StoredGroup[], ids: readonly string[]): Selected {
  if (ids.length === 0) return { selections: groups.map(whole), unknown: [] };
  const wanted = new Set(ids);
  const known = new Set<string>();
  const selections = groups.flatMap((group): Selection[] => {
    const accounts = group.accounts.filter(({ address }) => wanted.has(address));
    for (const { address } of accounts) known.add(address);
    if (wanted.has(group.address)) {
      known.add(group.address);
      return [whole(group)];
    }
    return accounts.length > 0 ? [{ group, accounts, isWhole: false }] : [];
  });
  return { selections, unknown: ids.filter((id) => !known.has(id)) };
}

function whole(group: StoredGroup): Selection {
  return { group, accounts: group.accounts, isWhole: true };
}

const NAMED = 20;

/** @throws Problem 404 `accounts.unknown` naming what is not known: then nothing at all is done */
export function requireKnown({ selections, unknown }: Selected): readonly Selection[] {
  if (unknown.length === 0) return selections;
  const names = unknown.slice(0, NAMED).map((id) => (id.length > 64 ? `${id.slice(0, 63)}…` : id));
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : '';
  throw new Problem(
    404,
    'accounts.unknown',
    `Not known to this gateway: ${names.join(', ')}${more}. Nothing was done.`,
    names.map((id) => ({ path: 'id', code: 'accounts.unknown', message: `${id} is not known` })),
  );
}
