import { Inject, Injectable } from '@nestjs/common';
import { type Content, type JsonObject } from '../contract/index.js';
import { AcceptService } from '../delivery/accept/accept.service.js';
import { checkContent } from '../delivery/accept/check-content.js';
import { requireSendable, senderOf } from '../delivery/accept/choose-account.js';
import { parseContent } from '../delivery/accept/content.parser.js';
import { JudgeTemplates } from '../delivery/accept/judge-templates.service.js';
import { ownError } from '../delivery/judge.js';
import { ProgressEvents } from '../delivery/progress-events.service.js';
import { type Quote, findQuoted } from '../delivery/accept/quote.js';
import { RecipientResolver } from '../delivery/accept/recipient-resolver.service.js';
import type { Submission } from '../delivery/accept/submission.js';
import { dialogEvent, isWanted, subjectOf } from '../dialog/dialog-events.js';
import { type DialogRecord, DialogRepository } from '../dialog/dialog.repository.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { parseVariables } from '../dialog/parse-variables.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import { Clock } from '../platform/clock/clock.js';
import { Batcher } from '../platform/database/batcher.js';
import { Database, type Sql, isConnectionError } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import type { Log } from '../platform/logging/log.js';
import { appendEvents } from '../platform/outbox/outbox.js';
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { type BotAnswer, asksForNothing } from './bot-answer.js';
import { type Delivery, EventQueueRepository } from './event-queue.repository.js';

/** One reply, judged before the transaction: what can be sent, or why it is refused. */
type Reply =
  | { readonly submission: Submission; readonly quote: Quote | undefined }
  | { readonly refused: Problem; readonly content: Content };

interface Scene {
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly dialog: DialogRecord;
}

/**
 * Carries out what a bot answered, in the same transaction that takes its event off the queue: the event may be delivered
 * twice, its answer is carried out once. A reply that is refused becomes a failed message, and the next ones go on.
 */
@Injectable()
export class AnswerService {
  private readonly silent = new Batcher<Delivery, void>(
    async (deliveries) => {
      await this.queue.remove(this.database, deliveries);
      return deliveries.map(() => undefined);
    },
    { maxItems: 500, concurrency: 1 },
    (error) => !isConnectionError(error),
  );

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly queue: EventQueueRepository,
    private readonly directory: GatewayDirectory,
    private readonly dialogs: DialogRepository,
    private readonly messages: MessageRepository,
    private readonly accepting: AcceptService,
    private readonly resolver: RecipientResolver,
    private readonly templates: JudgeTemplates,
    private readonly progressEvents: ProgressEvents,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async complete(delivery: Delivery, answer: BotAnswer | undefined): Promise<void> {
    if (answer?.complaint !== undefined)
      this.log.warn(
        { event: `evt_${delivery.eventId}`, complaint: answer.complaint },
        'a bot’s answer is not as expected',
      );
    const scene = answer && !asksForNothing(answer) ? await this.sceneOf(delivery) : undefined;
    if (!answer || !scene) return this.silent.submit(delivery);
    const replies = await Promise.all(answer.replies.map((reply) => this.judge(scene, reply)));
    const outcome = await this.database.transaction(async (sql) => {
      const removed = await this.queue.remove(sql, [delivery]);
      if (!removed.has(delivery.eventId)) return undefined;
      let wroteEvents = false;
      for (const reply of replies) wroteEvents = (await this.write(sql, scene, reply)) || wroteEvents;
      return (await this.change(sql, scene, answer)) || wroteEvents;
    });
    if (outcome === undefined) return;
    if (replies.length > 0) this.accepting.wake(scene.account.id);
    if (outcome) this.dispatch.kick('events');
  }

  private async sceneOf(delivery: Delivery): Promise<Scene | undefined> {
    const gateway = this.directory.byId(delivery.gatewayId);
    const dialogId = (delivery.body['dialog'] as { id?: string } | undefined)?.id;
    const dialog = dialogId === undefined ? undefined : await this.dialogs.record(this.database, dialogId);
    const account = gateway?.accounts.find(({ id }) => id === dialog?.accountId);
    return gateway && account && dialog && { gateway, account, dialog };
  }

  private async judge({ gateway, account }: Scene, reply: unknown): Promise<Reply> {
    const parsed = parseContent(reply, 'content');
    if ('errors' in parsed) {
      const detail = parsed.errors.map(({ message }) => message).join('; ');
      const content: Content = {
        type: 'unsupported',
        providerType: 'reply',
        raw: (storable(reply) as JsonObject) ?? null,
      };
      return { refused: new Problem(400, 'content.invalid', detail), content };
    }
    const submission: Submission = {
      gateway,
      sender: senderOf(gateway, account),
      content: parsed.content,
      origin: 'bot',
    };
    try {
      requireSendable(gateway, account);
      checkContent(submission);
      return {
        submission: await this.templates.judge(submission),
        quote: await findQuoted(this.messages, this.database, submission),
      };
    } catch (error) {
      if (error instanceof Problem) return { refused: error, content: parsed.content };
      throw error;
    }
  }

  /** True when an event was written. */
  private async write(sql: Sql, scene: Scene, reply: Reply): Promise<boolean> {
    if ('refused' in reply) return this.refuse(sql, scene, reply.content, reply.refused);
    const { account, dialog } = scene;
    try {
      const recipient = this.resolver.ofDialog(dialog, account);
      // The only refusals left are judged before anything is written, so that the transaction goes on after them.
      await this.accepting.write(sql, reply.submission, recipient, dialog.contact.id, reply.quote, dialog.id);
      return false;
    } catch (error) {
      if (error instanceof Problem) return this.refuse(sql, scene, reply.submission.content, error);
      throw error;
    }
  }

  private async refuse(
    sql: Sql,
    { gateway, account, dialog }: Scene,
    content: Content,
    problem: Problem,
  ): Promise<boolean> {
    const now = this.clock.now();
    const error = ownError(problem.code, 'The reply was refused', problem.detail);
    const id = newId(now);
    await this.messages.insert(sql, [
      {
        id,
        direction: 'out',
        gatewayId: gateway.id,
        accountId: account.id,
        channel: account.channel,
        threadId: dialog.threadId,
        dialogId: dialog.id,
        contactId: dialog.contact.id,
        origin: 'bot',
        class: 'reply',
        status: 'failed',
        content,
        error,
        occurredAt: now,
      },
    ]);
    const message = { id, gatewayId: gateway.id, accountId: account.id, dialogId: dialog.id };
    return this.progressEvents.write(sql, [{ type: 'message.failed', at: now, message, status: 'failed', error }], now);
  }

  private async change(sql: Sql, { gateway, account, dialog }: Scene, answer: BotAnswer): Promise<boolean> {
    if (answer.variables !== undefined) {
      const parsed = parseVariables(answer.variables);
      if ('errors' in parsed)
        this.log.warn({ dialog: dialog.id, errors: parsed.errors }, 'a bot set variables that cannot be kept');
      else await this.dialogs.setVariables(sql, dialog.id, parsed.variables);
    }
    if (!answer.close || !(await this.dialogs.close(sql, dialog.id)) || !isWanted(gateway, account, 'dialog.closed'))
      return false;
    const now = this.clock.now();
    const fresh = (await this.dialogs.record(sql, dialog.id)) ?? dialog;
    await appendEvents(sql, [dialogEvent('dialog.closed', subjectOf(gateway, account, fresh), now, now)], now);
    return true;
  }
}

/** What the bot sent, as far as it can be shown at all. */
function storable(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch {
    return null;
  }
}
