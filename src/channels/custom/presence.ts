import { randomUUID } from 'node:crypto';
import type { AccountCall, CallOutcome, PresenceFacet } from '../../contract/index.js';
import { post } from './post.js';
import { outcomeOf } from './send.js';

/** As long as messages are kept here. */
const MARKABLE_MS = 365 * 24 * 60 * 60_000;

/**
 * Statuses that go out: which of their messages was read, and that an answer to it is being written. Shown once or not at all: what
 * the other side does not take is not posted again.
 */
export function presence(now: () => Date): PresenceFacet {
  const tell = async (status: 'read' | 'typing', id: string, call: AccountCall): Promise<CallOutcome> => {
    const at = now();
    const { account, gateway } = call;
    const envelope = {
      type: 'status',
      status,
      id,
      gateway: gateway.uri,
      account: account.address,
      at: at.toISOString(),
    };
    return outcomeOf(await post(envelope, randomUUID(), call, at), call.settings);
  };
  return {
    markableMs: MARKABLE_MS,
    markRead: ({ providerId }, call) => tell('read', providerId, call),
    typing: ({ providerId }, call) => tell('typing', providerId, call),
  };
}
