import type { AccountCall, CallOutcome, DoctorCall, JsonObject } from '../../../contract/index.js';
import { asObject, debugToken, graphClient, readAll, type TokenFacts } from '../../graph/index.js';
import { asPage, SETUP_TOKEN } from '../../page/index.js';
import { inTurns } from './in-turns.js';

export const PAGE_CHANNELS = ['facebook', 'instagram'] as const;
export type PageChannel = (typeof PAGE_CHANNELS)[number];

/** What a page is used for: to write on Messenger, or as its Instagram account. Each has a copy of the page's token. */
export interface PageUse {
  readonly channel: PageChannel;
  /** the id of the page */
  readonly page: string;
  readonly pageName: string;
  readonly address: string;
  readonly name: string;
  readonly active: boolean;
}

/** A use of a page, and what Meta says of it to the page's own token. */
export interface PageFound extends PageUse {
  /** undefined: we have no token */
  readonly answers?: {
    readonly token: CallOutcome<TokenFacts>;
    readonly node: CallOutcome<JsonObject>;
    /** the apps that are subscribed to it */
    readonly apps: CallOutcome<JsonObject[]>;
  };
}

/** One that a token has no permission for is refused with all the others. */
const FIELDS: Readonly<Record<PageChannel, string>> = {
  facebook: 'id,name',
  instagram: 'id,name,instagram_business_account{id,username}',
};

/** Every page and Instagram account that setup has found. */
export function pageUsesOf({ groups }: DoctorCall): readonly PageUse[] {
  return groups.flatMap(({ channel: of, address: page, name: pageName, accounts }) => {
    const channel = PAGE_CHANNELS.find((one) => one === of);
    if (!channel) return [];
    return accounts.map(({ address, name, active }) => ({ channel, page, pageName, address, name, active }));
  });
}

/** Pages are known, or somebody wants them to be found. */
export function concernsPages(call: DoctorCall): boolean {
  return pageUsesOf(call).length > 0 || !!call.settings[SETUP_TOKEN];
}

/** The gateway is used for pages, and not for WhatsApp. */
export function hasPagesOnly(call: DoctorCall): boolean {
  return pageUsesOf(call).length > 0 && !call.groups.some(({ channel }) => channel === 'whatsapp');
}

/** Asks about those that are in use; when none is, about all that are known: then they are still to be set up. */
export async function gatherPages(call: DoctorCall): Promise<readonly PageFound[]> {
  const known = pageUsesOf(call);
  const used = known.filter(({ active }) => active);
  return inTurns(used.length > 0 ? used : known, async (use): Promise<PageFound> => {
    const account = call.asAccount(use.channel, use.address);
    const own = account && asPage(account);
    return own ? { ...use, answers: await ask(use, own) } : use;
  });
}

async function ask({ channel, page }: PageUse, own: AccountCall): Promise<NonNullable<PageFound['answers']>> {
  const graph = graphClient(own);
  const path = encodeURIComponent(page);
  const [token, answer, apps] = await Promise.all([
    askToken(own),
    graph.call({ path, query: { fields: FIELDS[channel] } }),
    readAll(graph, `${path}/subscribed_apps`, {}),
  ]);
  const node = answer.status === 'ok' ? { status: 'ok' as const, value: asObject(answer.value) ?? {} } : answer;
  return { token, node, apps };
}

/** The app is told why a token works no more; a token that is another app's is asked about itself. */
async function askToken(own: AccountCall): Promise<CallOutcome<TokenFacts>> {
  const { client_id: id, client_secret: secret } = own.settings;
  const told = id && secret ? await debugToken(own, `${id}|${secret}`) : undefined;
  return told && told.status !== 'refused' ? told : debugToken(own);
}
