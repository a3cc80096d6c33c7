import type { AccountGroupView, AccountsFacet, JsonValue } from '../../contract/index.js';
import { accountsOf, groupOf } from './read.js';

/** The metadata name the accounts, so nobody has to be asked; who is subscribed is ours alone to know. */
export const accounts: AccountsFacet = {
  discover: async ({ gateway, settings }) => ({
    status: 'ok',
    value: [
      {
        address: groupOf(gateway),
        name: gateway.uri,
        details: {},
        accounts: accountsOf(settings, gateway).map((account) => ({ ...account, details: {} })),
      },
    ],
  }),
  subscribe: async () => ({ status: 'ok', value: {} }),
  unsubscribe: async () => ({ status: 'ok', value: undefined }),
  isGone: () => false,
  present,
};

function present(groups: readonly AccountGroupView[]): JsonValue {
  return groups.map(({ address, name, subscribed, accounts: members, warning, error }) => ({
    id: address,
    name,
    subscribed,
    accounts: members.map(({ address: id, name: called, active }) => ({ id, name: called, active })),
    ...(warning !== undefined && { warning }),
    ...(error && { error: { code: error.code, message: error.message } }),
  }));
}
