import { Injectable } from '@nestjs/common';
import { DialogRepository } from '../../dialog/dialog.repository.js';
import type { NewMessage } from '../../dialog/message-record.js';
import { MessageRepository } from '../../dialog/message.repository.js';
import { type Thread, ThreadRepository, threadKey } from '../../dialog/thread.repository.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Sql } from '../../platform/database/database.js';
import { DeliveryWatchRepository } from '../delivery-watch.repository.js';
import type { MessageClass } from '../message-class.js';
import { OutboundRepository } from '../outbound.repository.js';
import { judgeClass } from './judge-class.js';
import { judgeReach } from './judge-reach.js';
import { type WindowVerdict, judgeWindow } from './judge-window.js';
import { type Draft, newMessage, newOutbound, watchUntil } from './new-rows.js';
import { type Refusable, isRefused, orProblem, remainingOf } from './refusable.js';
import type { Prepared, Submission } from './submission.js';

/** A prepared entry whose person has a contact. */
export interface Located {
  readonly item: Prepared;
  readonly contactId: string;
  /** the dialog it belongs to, also when that was closed meanwhile; default: the open one */
  readonly dialogId?: string;
  /** default: a new one */
  readonly messageId?: string;
}

/** A message that was just written. */
export interface Written {
  readonly message: NewMessage;
  readonly seq: string;
}

/** Part and class of a message, by what is known of the customer's window. */
export function judgePassage(
  submission: Submission,
  lastInboundAt: Date | null,
  now: Date,
): WindowVerdict & { readonly class: MessageClass } {
  const verdict = judgeWindow(submission, lastInboundAt, now);
  return { class: judgeClass(submission, verdict.window, verdict.part), ...verdict };
}

/** Writes messages and their places in their lines, any number of them with the same few statements. */
@Injectable()
export class MessageWriter {
  constructor(
    private readonly clock: Clock,
    private readonly threads: ThreadRepository,
    private readonly dialogs: DialogRepository,
    private readonly messages: MessageRepository,
    private readonly outbound: OutboundRepository,
    private readonly watches: DeliveryWatchRepository,
  ) {}

  /** In the order of the items. The window is judged under the thread's lock; a refused one leaves nothing behind. */
  async write(sql: Sql, items: readonly Located[]): Promise<readonly Refusable<Written>[]> {
    const now = this.clock.now();
    const drafts = await this.draft(sql, items, now);
    const fresh = remainingOf(drafts).map((draft) => ({ draft, message: newMessage(draft) }));
    const seqs = await this.messages.insert(
      sql,
      fresh.map(({ message }) => message),
    );
    const seqOf = (id: string): string => seqs.get(id) ?? '0';
    await this.outbound.insert(
      sql,
      fresh.map(({ draft, message }) => newOutbound(draft, message, seqOf(message.id))),
      now,
    );
    await this.watches.watch(
      sql,
      fresh.flatMap(({ draft, message }) => {
        const dueAt = watchUntil(draft);
        return dueAt ? [{ messageId: message.id, dueAt }] : [];
      }),
    );
    const written = fresh.values();
    return drafts.map((draft) => {
      if (isRefused(draft)) return draft;
      const { message } = written.next().value as (typeof fresh)[number];
      return { message, seq: seqOf(message.id) };
    });
  }

  private async draft(sql: Sql, items: readonly Located[], now: Date): Promise<readonly Refusable<Draft>[]> {
    const parties = items.map(({ item: { submission }, contactId }) => ({
      gatewayId: submission.gateway.id,
      accountId: submission.sender.account.id,
      contactId,
    }));
    const threads = await this.threads.touch(
      sql,
      parties.map((party) => ({ inboundAt: null, ...party })),
    );
    const judged = items.map((located, index) => {
      const thread = threads.get(threadKey(parties[index] as (typeof parties)[number]));
      if (!thread) throw new Error('a thread that was just written is not there');
      return orProblem(() => {
        judgeReach(thread);
        return { located, thread, verdict: judgePassage(located.item.submission, thread.lastInboundAt, now) };
      });
    });
    const open = await this.openDialogs(sql, remainingOf(judged));
    return judged.map((one) => {
      if (isRefused(one)) return one;
      const { located, thread, verdict } = one;
      const dialogId = located.dialogId ?? open.get(thread.id);
      if (dialogId === undefined) throw new Error('a dialog that was just opened is not there');
      return { thread, verdict, now, ...located, dialogId };
    });
  }

  private async openDialogs(
    sql: Sql,
    wanted: readonly { located: Located; thread: Thread }[],
  ): Promise<ReadonlyMap<string, string>> {
    const threads = new Map(
      wanted.flatMap(({ located, thread }): [string, Thread & { channel: string }][] =>
        located.dialogId === undefined
          ? [[thread.id, { channel: located.item.submission.sender.channel.channel, ...thread }]]
          : [],
      ),
    );
    if (threads.size === 0) return new Map();
    const dialogs = await this.dialogs.openFor(sql, [...threads.values()]);
    return new Map([...dialogs].map(([threadId, { id }]) => [threadId, id]));
  }
}
