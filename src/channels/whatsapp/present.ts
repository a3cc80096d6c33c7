import type { AccountGroupView, JsonObject, JsonValue, RemoteError } from '../../contract/index.js';
import { asId, asText } from '../graph/index.js';
import { health } from './health.js';

/** The list that the callback commands answer with: clients rely on its names; sorted by id, as strings. */
export function present(groups: readonly AccountGroupView[]): JsonValue {
  return sorted(groups).map(presentGroup);
}

function presentGroup(group: AccountGroupView): JsonObject {
  const { details } = group;
  return clean({
    id: group.address,
    name: group.name,
    country: asText(details['country']),
    account_review_status: asText(details['account_review_status']),
    business_verification_status: asText(details['business_verification_status']),
    ownership_type: asText(details['ownership_type']),
    phone_numbers: sorted(group.accounts).map(presentNumber),
    // what a subscription at Meta amounts to here; its absence is how clients tell an account that is not activated
    subscribed_fields: group.subscribed ? ['messages'] : undefined,
    warning: group.warning,
    error: group.error && presentError(group.error),
  });
}

function presentNumber({ address, name, phone, details, active }: AccountGroupView['accounts'][number]): JsonObject {
  const known = health(details);
  return clean({
    id: address,
    display_phone_number: asText(details['display_phone_number']) ?? (phone && `+${phone}`),
    verified_name: asText(details['verified_name']) ?? name,
    status: known.status,
    quality_rating: known.quality,
    messaging_limit: known.messagingLimit,
    throughput: known.throughput,
    account_mode: asText(details['account_mode']),
    name_status: asText(details['name_status']),
    active,
  });
}

function presentError({ code, message, type, traceId }: RemoteError): JsonObject {
  return clean({ code, message, type, fbtrace_id: asId(traceId) });
}

function clean(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== ''));
}

function sorted<T extends { readonly address: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((left, right) => (left.address < right.address ? -1 : Number(left.address > right.address)));
}
