import type { MessageRecord } from '../../dialog/message-record.js';
import type { MessageRepository } from '../../dialog/message.repository.js';
import type { Sql } from '../../platform/database/database.js';
import { isId } from '../../platform/ids/ids.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Refusable } from './refusable.js';
import type { Submission } from './submission.js';

/** The message that another one answers or reacts to, as the network knows it. */
export interface Quote {
  readonly id?: string;
  readonly providerId: string;
}

/** Looks up what `replyTo`, or a reaction, speaks of. A reaction may also name the network's own id. */
export async function findQuoted(
  messages: MessageRepository,
  sql: Sql,
  submissions: readonly Submission[],
): Promise<readonly Refusable<Quote | null>[]> {
  const ids = submissions.map(quotedId).filter((id): id is string => id !== undefined && isId(id));
  const records = await messages.findAll(sql, [...new Set(ids)], { lock: false });
  const known = new Map(records.map((record) => [record.id, record]));
  return submissions.map((submission) => quoteOf(submission, known));
}

function quotedId({ content, replyTo }: Submission): string | undefined {
  return content.type === 'reaction' ? content.messageId : replyTo;
}

/** A Problem is 422: there is no such message on that account, or the network does not know it yet. */
function quoteOf(submission: Submission, known: ReadonlyMap<string, MessageRecord>): Refusable<Quote | null> {
  const { sender, content } = submission;
  const id = quotedId(submission);
  if (id === undefined) return null;
  if (!isId(id)) {
    if (content.type === 'reaction') return { providerId: id };
    return new Problem(
      422,
      'message.unknown',
      `replyTo must be the id of a message of ours; there is none with ${JSON.stringify(id.slice(0, 100))}.`,
    );
  }
  const message = known.get(id);
  if (!message || message.accountId !== sender.account.id)
    return new Problem(422, 'message.unknown', `There is no message ${id} on the account ${sender.account.address}.`);
  if (message.providerId === undefined) {
    return new Problem(
      422,
      'message.not_accepted',
      `The message ${id} has not been accepted by the network yet, so it cannot be answered.`,
    );
  }
  return { id, providerId: message.providerId };
}
