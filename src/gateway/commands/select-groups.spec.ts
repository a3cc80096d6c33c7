import { describe, expect, it } from '@jest/globals';
import type { StoredGroup } from '../account-group.repository.js';
import { releasing } from './releasing.js';
import { requireKnown, selectGroups } from './select-groups.js';

const group = (address: string, subscribed: boolean, accounts: Record<string, boolean>): StoredGroup =>
  ({
    address,
    subscribed,
    accounts: Object.entries(accounts).map(([name, active]) => ({ id: name, address: name, active })),
  }) as unknown as StoredGroup;

const groups = [group('W1', true, { P1: true, P2: true }), group('W2', false, { P3: false }), group('W3', true, {})];
const shape = (ids: string[]) =>
  selectGroups(groups, ids).selections.map(({ group: { address }, accounts, isWhole }) => [
    address,
    accounts.map(({ id }) => id),
    isWhole,
  ]);
const released = (...ids: string[]) => releasing(selectGroups(groups, ids).selections);

describe('ids', () => {
  it('none means all', () => {
    expect(shape([])).toEqual([
      ['W1', ['P1', 'P2'], true],
      ['W2', ['P3'], true],
      ['W3', [], true],
    ]);
  });

  it('of an account select it in its group, of a group all of it', () => {
    expect(shape(['P2', 'W3'])).toEqual([
      ['W1', ['P2'], false],
      ['W3', [], true],
    ]);
    expect(shape(['P2', 'W1'])).toEqual([['W1', ['P1', 'P2'], true]]);
  });

  it('that are not known are named, and shortened', () => {
    expect(selectGroups(groups, ['P1', 'nope']).unknown).toEqual(['nope']);
    const many = Array.from({ length: 1_000 }, (_, index) => `${index}-${'x'.repeat(500)}`);
    expect(() => requireKnown(selectGroups(groups, many))).toThrow(/and 980 more/);
    expect(() => requireKnown(selectGroups(groups, ['nope']))).toThrow(/nope/);
  });
});

describe('the subscription of a group', () => {
  it('goes with its last active account', () => {
    expect(released('P1')).toEqual([]);
    expect(released('P1', 'P2')).toEqual(['W1']);
    expect(released('W1')).toEqual(['W1']);
  });

  it('of a group without active accounts goes when the group is named, and not for one of its accounts', () => {
    expect(released('P3')).toEqual([]);
    expect(released('W2')).toEqual(['W2']);
    expect(released('W3')).toEqual(['W3']);
    expect(released()).toEqual(['W1', 'W2', 'W3']);
  });
});
