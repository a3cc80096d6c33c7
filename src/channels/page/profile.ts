import type { AccountCall, CallOutcome, PersonProfile } from '../../contract/index.js';
import { asObject, asText, defined, graphClient } from '../graph/index.js';
import { asPage, noPageToken } from './tokens.js';

/** What Meta shows a page of a person who wrote to it (Meta: messenger-platform/identity/user-profile). */
export function profileOf(fields: string) {
  return async (userId: string, call: AccountCall): Promise<CallOutcome<PersonProfile>> => {
    const own = asPage(call);
    if (!own) return noPageToken();
    const answer = await graphClient(own).call({ path: encodeURIComponent(userId), query: { fields } });
    if (answer.status !== 'ok') return answer;
    const node = asObject(answer.value);
    const names = [node?.['first_name'], node?.['last_name']].flatMap((part) => asText(part) ?? []);
    const name = names.join(' ') || asText(node?.['name']);
    return { status: 'ok', value: defined({ name, username: asText(node?.['username']) }) };
  };
}
