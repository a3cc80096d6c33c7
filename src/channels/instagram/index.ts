import type { AccountGroup, CallOutcome, Channel, GatewayCall, JsonObject } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';
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

const FIELDS = 'id,name,access_token,instagram_business_account{id,username,name,profile_picture_url}';

/**
 * Instagram accounts that belong to a Facebook page: it is the page that is subscribed and whose token writes (group), and the
 * Instagram account that people see (account). Pages without one are left out.
 */
export const instagram: Channel = pageChannel(
  {
    channel: 'instagram',
    title: 'Instagram',
    limits: LIMITS,
    capabilities,
    template: 'generic',
    echoesMetadata: false,
  },
  {
    discover,
    subscribe: (page, call) => subscribe('instagram', page, call),
    unsubscribe: (page, call) => unsubscribe('instagram', page, call),
    isGone,
    credential: PAGE_TOKEN,
    actsAsAccount: true,
    refresh: refreshOf('id,name,instagram_business_account{id,username,name}', toGroup),
    present: (groups) => presentGroups(groups, shown),
  },
  {
    variablesFor: ({ group, name }) => ({ 'instagram.page': group, 'instagram.user': name }),
    profile: profileOf('name,username'),
  },
);

async function discover(call: GatewayCall): Promise<CallOutcome<readonly AccountGroup[]>> {
  const pages = await findPages(call, FIELDS);
  if (pages.status !== 'ok') return pages;
  return { status: 'ok', value: [...pages.value].flatMap(([id, node]) => toGroup(id, node)) };
}

function toGroup(id: string, { access_token: token, ...node }: JsonObject): AccountGroup[] {
  const { instagram_business_account: linked, ...details } = node;
  const account = asObject(linked);
  const address = asId(account?.['id']);
  if (account === undefined || address === undefined) return [];
  const name = asText(account['username']) ?? asText(account['name']) ?? address;
  const own = defined({ address, name, details: account, credential: asText(token) });
  return [{ address: asId(node['id']) ?? id, name: asText(node['name']) ?? id, details, accounts: [own] }];
}

function shown({ accounts: [account] }: Parameters<Parameters<typeof presentGroups>[1]>[0]): JsonObject {
  if (!account) return {};
  const { address, details, active } = account;
  const [username, name] = [asText(details['username']), asText(details['name'])];
  return { instagram: clean({ id: address, username, name }), active };
}
