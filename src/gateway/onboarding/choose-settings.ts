import type { AccountGroup } from '../../contract/index.js';

export interface Reached {
  /** what the gateway's own credentials reach; undefined: the network does not take them any more */
  readonly own: readonly AccountGroup[] | undefined;
  /** what the person has granted just now */
  readonly granted: readonly AccountGroup[];
  /** addresses of the groups that the gateway uses */
  readonly engaged: readonly string[];
}

export interface Choice {
  /** whose credentials the gateway has from now on */
  readonly use: 'own' | 'granted';
  /** everything to be registered; what is known and not among it, those credentials no longer show */
  readonly found: readonly AccountGroup[];
  /** granted, but not to be acted for with the credentials that are kept */
  readonly beyond: readonly AccountGroup[];
}

/**
 * A gateway has one set of credentials, and a person has just brought another. Its own stay as long as they do: while they reach all
 * that was granted, nothing changes. What was granted takes their place when the network refuses them, or when they do not reach
 * it and it reaches everything that the gateway uses. Otherwise changing them would cut off what is in use: they stay, and what they
 * do not reach is registered and named.
 */
export function chooseSettings({ own, granted, engaged }: Reached): Choice {
  if (own === undefined) return { use: 'granted', found: granted, beyond: [] };
  const reached = new Set(own.map(({ address }) => address));
  const beyond = granted.filter(({ address }) => !reached.has(address));
  if (beyond.length === 0) return { use: 'own', found: own, beyond };
  const brought = new Set(granted.map(({ address }) => address));
  if (engaged.every((address) => brought.has(address))) return { use: 'granted', found: granted, beyond: [] };
  return { use: 'own', found: [...own, ...beyond], beyond };
}
