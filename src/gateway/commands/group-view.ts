import type { AccountGroupView, CallOutcome, RemoteError } from '../../contract/index.js';
import type { AccountRow } from '../account.repository.js';
import type { StoredGroup } from '../account-group.repository.js';

/** What a command has to say about a group beside the group itself. */
export interface Remark {
  readonly error?: RemoteError;
  readonly warnings?: readonly (string | undefined)[];
}

export function groupView(group: StoredGroup, remark: Remark = {}): AccountGroupView {
  const warning = [missingWarning(group), ...(remark.warnings ?? [])].filter((text) => text !== undefined).join(' ');
  return {
    address: group.address,
    name: group.name,
    ...(group.portfolio !== null && { portfolio: group.portfolio }),
    details: group.details,
    subscribed: group.subscribed,
    accounts: group.accounts.map(accountView),
    ...(warning !== '' && { warning }),
    ...(remark.error && { error: remark.error }),
  };
}

function accountView(account: AccountRow): AccountGroupView['accounts'][number] {
  const { address, name, phone, details, active } = account;
  return { address, name, ...(phone !== null && { phone }), details, active };
}

function missingWarning(group: StoredGroup): string | undefined {
  if (group.missing_since) return `Not found by setup since ${group.missing_since.toISOString()}.`;
  const missing = group.accounts.filter(({ missing_since }) => missing_since).map(({ address }) => address);
  return missing.length > 0 ? `No longer found by setup: ${missing.join(', ')}.` : undefined;
}

/** An outcome that is no success, as the item's error. */
export function errorOf(outcome: CallOutcome<unknown>): RemoteError | undefined {
  if (outcome.status === 'ok') return undefined;
  if (outcome.status === 'refused') return outcome.remote;
  return { code: 'provider.unreachable', message: `The network did not answer: ${outcome.reason}.` };
}

/** A refusal of our own, in the shape of the network's. */
export function ownError(code: string, message: string): RemoteError {
  return { code, message };
}
