import type { Selection } from './select-groups.js';

/** Addresses of the groups that have no active sender left once these are deactivated: their subscription can go. */
export function releasing(selections: readonly Selection[]): readonly string[] {
  return selections
    .filter(({ group, accounts, isWhole }) => {
      const going = new Set(accounts.map(({ id }) => id));
      const stays = group.accounts.some(({ id, active }) => active && !going.has(id));
      // A group that is asked for as such is released also when we believe that it is not subscribed: that repairs what differs.
      return !stays && (isWhole || group.subscribed || accounts.some(({ active }) => active));
    })
    .map(({ group }) => group.address);
}
