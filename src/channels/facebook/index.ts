import type {
  AccountDescription,
  AccountGroup,
  CallOutcome,
  Channel,
  GatewayCall,
  JsonObject,
} from '../../contract/index.js';
import { asId, asText, defined } from '../graph/index.js';
import {
  clean,
  findPages,
  isGone,
  PAGE_TOKEN,
  pageChannel,
  presentGroups,
  profileOf,
  refreshOf,
  subscribe,
  unsubscribe,
} from '../page/index.js';
import { capabilities, LIMITS } from './capabilities.js';

const SHOWN = 'id,name,category,link,username';
const FIELDS = `${SHOWN},access_token`;

/** Facebook Messenger. Groups and accounts are both the page: it is subscribed, and it writes. A contact is known to one page. */
export const facebook: Channel = pageChannel(
  {
    channel: 'facebook',
    title: 'Messenger',
    limits: LIMITS,
    capabilities,
    template: 'button',
    echoesMetadata: true,
  },
  {
    parameter: 'pages',
    discover,
    subscribe: (page, call) => subscribe('page', page, call),
    unsubscribe: (page, call) => unsubscribe('page', page, call),
    isGone,
    credential: PAGE_TOKEN,
    actsAsAccount: true,
    refresh: refreshOf(SHOWN, (id, node) => [toGroup(id, node)]),
    link: ({ address }) => `https://m.me/${encodeURIComponent(address)}`,
    present: (groups) => presentGroups(groups, ({ details, accounts }) => shown(details, accounts)),
  },
  {
    variablesFor: ({ address, name }) => ({ 'facebook.page': address, 'facebook.name': name }),
    profile: profileOf('first_name,last_name,name'),
  },
);

async function discover(call: GatewayCall): Promise<CallOutcome<readonly AccountGroup[]>> {
  const pages = await findPages(call, FIELDS);
  if (pages.status !== 'ok') return pages;
  return { status: 'ok', value: [...pages.value].map(([id, node]) => toGroup(id, node)) };
}

function toGroup(id: string, { access_token: token, ...details }: JsonObject): AccountGroup {
  const name = asText(details['name']) ?? id;
  const credential = asText(token);
  const account: AccountDescription = defined({ address: asId(details['id']) ?? id, name, details, credential });
  return { address: account.address, name, details, accounts: [account] };
}

function shown(details: JsonObject, accounts: readonly { readonly active: boolean }[]): JsonObject {
  return clean({
    category: asText(details['category']),
    link: asText(details['link']),
    username: asText(details['username']),
    active: accounts.some(({ active }) => active),
  });
}
