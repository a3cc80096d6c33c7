import type {
  AccountCall,
  AccountDescription,
  AccountGroup,
  CallOutcome,
  GatewayCall,
  JsonObject,
  Reading,
  RefreshFacet,
} from '../../contract/index.js';
import { asObject, defined, graphClient, metered, passingAsUnreachable } from '../graph/index.js';
import { asOwner, asPage, noPageToken } from './tokens.js';

/**
 * Reads a page anew, in one call: as the page itself, which shows too whether its token still works. What changes by itself with
 * every answer (links that end) is not asked for, so that nothing is told of it.
 *
 * @param toGroups what discovery makes of a page's fields: nothing where the page has no such account
 */
export function refreshOf(
  fields: string,
  toGroups: (id: string, node: JsonObject) => readonly AccountGroup[],
): RefreshFacet {
  async function read(page: string, call: GatewayCall): Promise<CallOutcome<Reading<AccountGroup>>> {
    const meter = metered(call);
    const request = { path: encodeURIComponent(page), query: { fields } };
    const answer = passingAsUnreachable(await graphClient(meter.call).call(request));
    if (answer.status !== 'ok') return answer;
    const [found] = toGroups(page, asObject(answer.value) ?? {});
    return found ? { status: 'ok', value: defined({ found, restMs: meter.restMs() }) } : unlinked(page);
  }

  async function account(call: AccountCall): Promise<CallOutcome<Reading<AccountDescription>>> {
    const own = asPage(call);
    if (!own) return noPageToken();
    const { address, group } = call.account;
    const outcome = await read(group, own);
    if (outcome.status !== 'ok') return outcome;
    const found = outcome.value.found.accounts.find((each) => each.address === address);
    return found ? { status: 'ok', value: { ...outcome.value, found } } : unlinked(group);
  }

  return { group: (page, call) => read(page, asOwner(call)), account };
}

function unlinked(page: string): Extract<CallOutcome<never>, { status: 'refused' }> {
  const message = `The page ${page} has not got this account any more: link it again in the settings of the page, or run setup.`;
  return { status: 'refused', remote: { code: 'account.unlinked', message } };
}
