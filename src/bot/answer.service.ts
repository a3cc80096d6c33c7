import { Inject, Injectable } from '@nestjs/common';
import { type Content, type JsonObject } from '../contract/index.js';
import { AcceptService } from '../delivery/accept/accept.service.js';
import { requireSendable, senderOf } from '../delivery/accept/choose-account.js';
import { parseContent } from '../delivery/accept/content.parser.js';
import { partsOf } from '../delivery/accept/parts.js';
import { PrepareService } from '../delivery/accept/prepare.service.js';
import { ownError } from '../delivery/judge.js';
import { ProgressEvents } from '../delivery/progress-events.service.js';
import { RecipientResolver } from '../delivery/accept/recipient-resolver.service.js';
import { type Refusable, isRefused, onward, orProblem } from '../delivery/accept/refusable.js';
import type { Entry, Prepared } from '../delivery/accept/submission.js';
import { DialogCloser } from '../dialog/dialog-closer.service.js';
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
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { type BotAnswer, asksForNothing } from './bot-answer.js';
import { type Delivery, EventQueueRepository } from './event-queue.repository.js';

/** One reply, judged before the transaction: what can be sent, or why it is refused. */
interface Reply<Item = Prepared> {
  readonly item: Refusable<Item>;
  readonly content: Content;
}

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
    private readonly closer: DialogCloser,
    private readonly messages: MessageRepository,
    private readonly accepting: AcceptService,
    private readonly resolver: RecipientResolver,
    private readonly preparing: PrepareService,
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
    const replies = await this.judge(scene, answer.replies);
    const outcome = await this.database.transaction(async (sql) => {
      const removed = await this.queue.remove(sql, [delivery]);
      if (!removed.has(delivery.eventId)) return undefined;
      const wroteEvents = await this.write(sql, scene, replies);
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

  private async judge(scene: Scene, replies: readonly unknown[]): Promise<readonly Reply[]> {
    const read = replies.map((reply) => this.read(scene, reply));
    const items = await this.preparing.prepareAll(read.map(({ item }) => item));
    return read.flatMap(({ content }, index): readonly Reply[] => {
      const item = items[index] as Refusable<Prepared>;
      return isRefused(item) ? [{ content, item }] : partsOf(item).map((part) => ({ content, item: part }));
    });
  }

  private read({ gateway, account, dialog }: Scene, reply: unknown): Reply<Entry> {
    const parsed = parseContent(reply, 'content');
    if ('errors' in parsed) {
      const detail = parsed.errors.map(({ message }) => message).join('; ');
      const content: Content = {
        type: 'unsupported',
        providerType: 'reply',
        raw: (storable(reply) as JsonObject) ?? null,
      };
      return { item: new Problem(400, 'content.invalid', detail), content };
    }
    const { content } = parsed;
    const item = orProblem((): Entry => {
      requireSendable(gateway, account);
      return {
        submission: { gateway, sender: senderOf(gateway, account), content, origin: 'bot' },
        recipient: this.resolver.ofDialog(dialog, account),
      };
    });
    return { item, content };
  }

  /** True when an event was written. Ids are given in the order of the replies, whatever becomes of each. */
  private async write(sql: Sql, { gateway, account, dialog }: Scene, replies: readonly Reply[]): Promise<boolean> {
    const now = this.clock.now();
    const ids = replies.map(() => newId(now));
    const fates = replies.map(({ item }, index) =>
      isRefused(item)
        ? item
        : { item, contactId: dialog.contact.id, dialogId: dialog.id, messageId: ids[index] as string },
    );
    const outcomes = await onward(fates, (remaining) => this.accepting.write(sql, remaining));
    const refused = outcomes.flatMap((outcome, index) => {
      if (!isRefused(outcome)) return [];
      const { code, detail } = outcome;
      const error = ownError(code, 'The reply was refused', detail);
      return [{ id: ids[index] as string, content: replies[index]?.content as Content, error }];
    });
    await this.messages.insert(
      sql,
      refused.map(({ id, content, error }) => ({
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
      })),
    );
    const party = { gatewayId: gateway.id, accountId: account.id, dialogId: dialog.id };
    return this.progressEvents.write(
      sql,
      refused.map(({ id, error }) => ({
        type: 'message.failed' as const,
        at: now,
        message: { id, ...party },
        status: 'failed',
        error,
      })),
      now,
    );
  }

  private async change(sql: Sql, { dialog }: Scene, answer: BotAnswer): Promise<boolean> {
    if (answer.variables !== undefined) {
      const parsed = parseVariables(answer.variables);
      if ('errors' in parsed)
        this.log.warn({ dialog: dialog.id, errors: parsed.errors }, 'a bot set variables that cannot be kept');
      else await this.dialogs.setVariables(sql, dialog.id, parsed.variables);
    }
    return answer.close && (await this.closer.close(sql, dialog.id, 'bot')).wroteEvents;
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
