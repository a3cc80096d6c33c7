import type { AccountCall, CallOutcome, PresenceFacet, Recipient } from '../../contract/index.js';
import { graphClient } from '../graph/index.js';
import { asPage, noPageToken } from './tokens.js';

/** As long as anybody may answer, a human included; Meta names no end of its own. */
const MARKABLE_MS = 7 * 24 * 60 * 60_000;

/**
 * Marks of reading, and typing: by the person, not by a message, so all that they wrote is marked (Meta:
 * messenger-platform/send-messages/sender-actions; the same for Instagram accounts of pages). Such a call carries nothing else.
 */
export const presence: PresenceFacet = {
  markableMs: MARKABLE_MS,
  markRead: ({ from }, call) => act('mark_seen', from, call),
  // for 20 seconds, or until the answer
  typing: ({ from }, call) => act('typing_on', from, call),
};

async function act(
  action: 'mark_seen' | 'typing_on',
  { userId = '' }: Recipient,
  call: AccountCall,
): Promise<CallOutcome> {
  const own = asPage(call);
  if (!own) return noPageToken();
  const answer = await graphClient(own).call({
    method: 'POST',
    path: `${encodeURIComponent(call.account.group)}/messages`,
    json: { recipient: { id: userId }, sender_action: action },
  });
  return answer.status === 'ok' ? { status: 'ok', value: undefined } : answer;
}
