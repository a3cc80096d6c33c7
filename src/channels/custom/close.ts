import type { AccountCall, CallOutcome, DialogEnd } from '../../contract/index.js';
import { post } from './post.js';
import { defined } from './read.js';
import { outcomeOf } from './send.js';

/** The other side hears that a dialog has ended here: posted until it is taken, under the same id. */
export async function closed({ id, to, reason, at }: DialogEnd, call: AccountCall, now: Date): Promise<CallOutcome> {
  const { account, gateway } = call;
  const envelope = {
    type: 'close',
    gateway: gateway.uri,
    account: account.address,
    to: defined({ userId: to.userId, phone: to.phone }),
    reason,
    at: at.toISOString(),
  };
  return outcomeOf(await post(envelope, id, call, now), call.settings);
}
