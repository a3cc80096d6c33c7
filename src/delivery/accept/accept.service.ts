import { Inject, Injectable } from '@nestjs/common';
import { isTemplate } from '../../contract/index.js';
import { ContactRepository } from '../../dialog/contact.repository.js';
import { DialogRepository } from '../../dialog/dialog.repository.js';
import { MessageRepository, type NewMessage } from '../../dialog/message.repository.js';
import type { MessagePart } from '../../dialog/message-status.js';
import { type Thread, ThreadRepository, threadKey } from '../../dialog/thread.repository.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { newId } from '../../platform/ids/ids.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { checkContent } from './check-content.js';
import { FREE_FORM, type MessageClass, kindOf, rankOfClass } from '../message-class.js';
import { JudgeTemplates } from './judge-templates.service.js';
import { OutboundRepository } from '../outbound.repository.js';
import { type Recipient, RecipientResolver } from './recipient-resolver.service.js';
import type { Submission } from './submission.js';
import { type Quote, findQuoted } from './quote.js';
import { judgeWindow } from './judge-window.js';

export interface Accepted {
  readonly id: string;
  readonly accountId: string;
}

/**
 * Takes messages in: local checks, then message row and place in its line in one transaction. The network is asked only about
 * a template that we do not know, or that seems not to fit, and not for long. What is refused leaves nothing behind.
 */
@Injectable()
export class AcceptService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly contacts: ContactRepository,
    private readonly threads: ThreadRepository,
    private readonly dialogs: DialogRepository,
    private readonly messages: MessageRepository,
    private readonly outbound: OutboundRepository,
    private readonly resolver: RecipientResolver,
    private readonly templates: JudgeTemplates,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
  ) {}

  /**
   * @param alongside runs in the same transaction, e.g. to remember the answer under an idempotency key
   * @throws Problem 409 or 422 that says why it is refused
   */
  async accept(
    given: Submission,
    recipient: Recipient,
    alongside: (sql: Sql, accepted: Accepted) => Promise<void> = async () => {},
  ): Promise<Accepted> {
    checkContent(given);
    const submission = await this.templates.judge(given);
    const quote = await findQuoted(this.messages, this.database, submission);
    // Judged before a contact is made for a stranger, and again under the thread's lock.
    const known = await this.resolver.lastInbound(submission.sender.account.id, recipient);
    judgeWindow(submission, known, this.clock.now());
    const contactId = recipient.contactId ?? (await this.contacts.ensureOne(recipient.person));
    const accepted = await this.database.transaction(async (sql) => {
      const { id, accountId } = await this.write(sql, submission, recipient, contactId, quote);
      await alongside(sql, { id, accountId });
      return { id, accountId };
    });
    this.wake(accepted.accountId);
    return accepted;
  }

  /**
   * The part of {@link accept} that happens inside a transaction; the caller wakes admission after its commit.
   *
   * @param dialogId the dialog it belongs to, also when that was closed meanwhile; default: the open one
   */
  async write(
    sql: Sql,
    submission: Submission,
    recipient: Recipient,
    contactId: string,
    quote: Quote | undefined,
    dialogId?: string,
  ): Promise<Accepted> {
    const { gateway, sender } = submission;
    const now = this.clock.now();
    const parties = { gatewayId: gateway.id, accountId: sender.account.id, contactId };
    const thread = (await this.threads.touch(sql, [{ ...parties, inboundAt: null }])).get(threadKey(parties));
    if (!thread) throw new Error('a thread that was just written is not there');
    const dialog =
      dialogId ??
      (await this.dialogs.openFor(sql, [{ ...thread, channel: sender.channel.channel }])).get(thread.id)?.id;
    if (dialog === undefined) throw new Error('a dialog that was just opened is not there');
    const verdict = judgeWindow(submission, thread.lastInboundAt, now);
    const message = newMessage(submission, recipient, thread, dialog, quote, { ...verdict, now });
    const going = verdict.part === 'fallback' && submission.fallback ? submission.fallback : submission.content;
    const seqs = await this.messages.insert(sql, [message]);
    await this.outbound.insert(
      sql,
      [
        {
          messageId: message.id,
          threadId: thread.id,
          class: rankOfClass(message.class as MessageClass),
          seq: seqs.get(message.id) ?? '0',
          gatewayId: gateway.id,
          accountId: sender.account.id,
          contactId,
          part: verdict.part,
          kind: kindOf(going),
          hasFallback: submission.fallback !== undefined,
          opens: verdict.window !== 'open',
          windowUntil: kindOf(going) === FREE_FORM ? (verdict.expiresAt ?? null) : null,
          expiresAt: submission.expiresAt ?? null,
          sendAt: null,
          templateId: submission.templates?.[verdict.part]?.id ?? null,
        },
      ],
      now,
    );
    this.metrics.messages.inc({ direction: 'out', status: 'queued' });
    return { id: message.id, accountId: sender.account.id };
  }

  wake(accountId: string): void {
    this.admission.kick(accountId);
  }
}

function newMessage(
  submission: Submission,
  recipient: Recipient,
  thread: Thread,
  dialogId: string,
  quote: Quote | undefined,
  { part, window, now }: ReturnType<typeof judgeWindow> & { now: Date },
): NewMessage {
  const { gateway, sender, content, fallback, metadata, expiresAt, origin } = submission;
  return {
    id: newId(now),
    direction: 'out',
    gatewayId: gateway.id,
    accountId: sender.account.id,
    channel: sender.channel.channel,
    threadId: thread.id,
    dialogId,
    contactId: thread.contactId,
    origin,
    class: classOf(submission, window, part),
    status: 'queued',
    part,
    content,
    recipient: recipient.address,
    occurredAt: now,
    ...(fallback && { fallback }),
    ...(metadata && { metadata }),
    ...(quote?.id !== undefined && { replyTo: quote.id }),
    ...(quote && { replyToProvider: quote.providerId }),
    ...(expiresAt && { expiresAt }),
  };
}

/** Fixed when the message is taken. A template whose category is not known counts as the lowest class. */
function classOf(submission: Submission, window: string, part: MessagePart): MessageClass {
  const { content, fallback, origin, replyTo, templates } = submission;
  const going = part === 'fallback' ? fallback : content;
  const template = going && isTemplate(going) ? (templates?.[part]?.class ?? 'marketing') : undefined;
  if (template === 'authentication') return template;
  if (origin === 'bot' || replyTo !== undefined) return 'reply';
  return template ?? (window === 'open' ? 'reply' : 'utility');
}
