import { describe, expect, it } from '@jest/globals';
import type { AccountGroup } from '../../contract/index.js';
import { chooseSettings } from './choose-settings.js';

const groups = (names: string): AccountGroup[] =>
  [...names].map((name) => ({ address: name, name, details: {}, accounts: [] }));
const addresses = (list: readonly AccountGroup[]): string => list.map(({ address }) => address).join('');

describe('whose credentials a gateway has after somebody granted it some', () => {
  it.each([
    // own, granted, engaged → use, found, beyond
    [undefined, 'B', 'A', 'granted', 'B', ''],
    ['AB', 'B', 'A', 'own', 'AB', ''],
    ['AB', 'AB', '', 'own', 'AB', ''],
    ['', 'B', '', 'granted', 'B', ''],
    ['A', 'B', '', 'granted', 'B', ''],
    ['A', 'AB', 'A', 'granted', 'AB', ''],
    ['A', 'B', 'A', 'own', 'AB', 'B'],
    ['A', 'BC', 'AB', 'own', 'ABC', 'BC'],
  ])('own %s, granted %s, engaged %s: %s', (own, granted, engaged, use, found, beyond) => {
    const choice = chooseSettings({
      own: own === undefined ? undefined : groups(own),
      granted: groups(granted),
      engaged: [...engaged],
    });
    expect([choice.use, addresses(choice.found), addresses(choice.beyond)]).toEqual([use, found, beyond]);
  });
});
