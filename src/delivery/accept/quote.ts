import { type MessageRepository } from '../../dialog/message.repository.js';
import type { Sql } from '../../platform/database/database.js';
import { isId } from '../../platform/ids/ids.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Submission } from './submission.js';

/** The message that another one answers or reacts to, as the network knows it. */
export interface Quote {
  readonly id?: string;
  readonly providerId: string;
}

/**
 * Looks up what `replyTo`, or a reaction, speaks of. A reaction may also name the network's own id.
 *
 * @throws Problem 422 when there is no such message on that account, or the network does not know it yet
 */
export async function findQuoted(
  messages: MessageRepository,
  sql: Sql,
  { sender, content, replyTo }: Submission,
): Promise<Quote | undefined> {
  const id = content.type === 'reaction' ? content.messageId : replyTo;
  if (id === undefined) return undefined;
  if (!isId(id)) {
    if (content.type === 'reaction') return { providerId: id };
    throw new Problem(
      422,
      'message.unknown',
      `replyTo must be the id of a message of ours; there is none with ${JSON.stringify(id.slice(0, 100))}.`,
    );
  }
  const message = await messages.find(sql, id);
  if (!message || message.accountId !== sender.account.id) {
    throw new Problem(422, 'message.unknown', `There is no message ${id} on the account ${sender.account.address}.`);
  }
  if (message.providerId === undefined) {
    throw new Problem(
      422,
      'message.not_accepted',
      `The message ${id} has not been accepted by the network yet, so it cannot be answered.`,
    );
  }
  return { id, providerId: message.providerId };
}
