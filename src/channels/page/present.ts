import type { AccountGroupView, JsonObject, JsonValue, RemoteError } from '../../contract/index.js';
import { asId } from '../graph/index.js';
import { PAGE_FIELDS } from './subscription.js';

/** The list that the callback commands answer with: clients rely on its names; sorted by id, as strings. Never with a token. */
export function presentGroups(
  groups: readonly AccountGroupView[],
  own: (group: AccountGroupView) => JsonObject,
): JsonValue {
  return [...groups]
    .sort((one, other) => (one.address < other.address ? -1 : Number(one.address > other.address)))
    .map((group) =>
      clean({
        id: group.address,
        name: group.name,
        ...own(group),
        // its absence is how clients tell a page that is not activated
        subscribed_fields: group.subscribed ? [...PAGE_FIELDS] : undefined,
        warning: group.warning,
        error: group.error && presentError(group.error),
      }),
    );
}

function presentError({ code, message, type, traceId }: RemoteError): JsonObject {
  return clean({ code, message, type, fbtrace_id: asId(traceId) });
}

export function clean(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== ''));
}
