import { Injectable } from '@nestjs/common';
import { type Content, type EchoReceived, textOf } from '../contract/index.js';
import { ProgressEvents } from '../delivery/progress-events.service.js';
import { ReceiptMatcher } from '../delivery/receipt-matcher.service.js';
import { DialogRepository } from '../dialog/dialog.repository.js';
import type { NewMessage } from '../dialog/message-record.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { ThreadRepository, threadKey } from '../dialog/thread.repository.js';
import type { LoadedGateway } from '../gateway/loaded-gateway.js';
import type { Sql } from '../platform/database/database.js';
import { withdrawFromBot } from '../platform/outbox/outbox.js';
import { ClaimNew, type Fresh, type Quoted, answered, partiesOf, withOwnIds } from './claim-new.service.js';
import type { EchoItem } from './inbound-item.js';
import type { Written } from './inbound-writer.service.js';

/** How long the bot keeps quiet after somebody else wrote, unless the gateway says otherwise. */
const PAUSE_MS = 60 * 60_000;

/** An echo in its dialog. */
interface Placed {
  readonly item: Fresh<EchoReceived>;
  readonly threadId: string;
  readonly dialogId: string;
}

/**
 * What others wrote to people on our accounts: an outbound message in the history, by a human, accepted already, that receipts
 * find like one of ours. The bot keeps quiet in that dialog from then on, for a while.
 */
@Injectable()
export class EchoWriter {
  constructor(
    private readonly claims: ClaimNew,
    private readonly threads: ThreadRepository,
    private readonly dialogs: DialogRepository,
    private readonly messages: MessageRepository,
    private readonly receipts: ReceiptMatcher,
    private readonly events: ProgressEvents,
  ) {}

  async write(
    sql: Sql,
    items: readonly EchoItem[],
    now: Date,
  ): Promise<Omit<Written, 'fileIds' | 'confirmations' | 'nameless'>> {
    await this.receipts.lockProviderIds(
      sql,
      items.map(({ event }) => event.providerId),
    );
    const fresh = await this.claims.claim(sql, items, now);
    if (fresh.length === 0) return { fresh: 0, wroteEvents: false, accountIds: new Set() };
    const placed = await this.place(sql, fresh);
    const quoted = await this.claims.quoted(sql, fresh);
    const messages = placed.map((one) => newEcho(one, quoted));
    await this.messages.insert(sql, messages);
    await this.pause(sql, placed, now);
    const told = await this.events.write(
      sql,
      placed.flatMap((one, at) => acceptedOf(one, messages[at] as NewMessage)),
      now,
    );
    const early = await this.receipts.adopt(
      sql,
      messages.map(({ id, accountId, providerId = '' }) => ({ messageId: id, accountId, providerId })),
      now,
      { keep: true },
    );
    return { fresh: fresh.length, wroteEvents: told || early.wroteEvents, accountIds: early.accountIds };
  }

  private async place(sql: Sql, fresh: readonly Fresh<EchoReceived>[]): Promise<readonly Placed[]> {
    const threads = await this.threads.touch(
      sql,
      fresh.map((item) => ({ inboundAt: null, ...partiesOf(item) })),
    );
    const channels = new Map(fresh.map((item) => [threadKey(partiesOf(item)), item.account.channel]));
    const dialogs = await this.dialogs.openFor(
      sql,
      [...threads].map(([key, thread]) => ({ channel: channels.get(key) ?? '', ...thread })),
    );
    return fresh.map((item) => {
      const thread = threads.get(threadKey(partiesOf(item)));
      const dialog = thread && dialogs.get(thread.id);
      if (!thread || !dialog) throw new Error('a thread or dialog that was just written is not there');
      return { item, threadId: thread.id, dialogId: dialog.id };
    });
  }

  /** Also what the bot was about to be told: a customer who was answered is not answered again. */
  private async pause(sql: Sql, placed: readonly Placed[], now: Date): Promise<void> {
    const ends = new Map<string, { id: string; until: Date; threadId: string }>();
    for (const { item, dialogId: id, threadId } of placed) {
      const at = item.event.occurredAt < now ? item.event.occurredAt : now;
      const until = new Date(at.getTime() + pauseOf(item.gateway));
      const known = ends.get(id);
      if (until > now && (!known || known.until < until)) ends.set(id, { id, until, threadId });
    }
    const pauses = [...ends.values()];
    if (pauses.length === 0) return;
    await this.dialogs.pauseBot(sql, pauses, 'human');
    await withdrawFromBot(
      sql,
      pauses.map(({ threadId }) => threadId),
      'message.received',
    );
  }
}

function pauseOf(gateway: LoadedGateway): number {
  return gateway.type.policies(gateway.settings).echoPauseMs ?? PAUSE_MS;
}

function newEcho({ item, threadId, dialogId }: Placed, quoted: Quoted): NewMessage {
  const { gateway, account, event, contactId, id, person } = item;
  const replyTo = answered(item, quoted);
  return {
    id,
    direction: 'out',
    gatewayId: gateway.id,
    accountId: account.id,
    channel: account.channel,
    threadId,
    dialogId,
    contactId,
    origin: 'human',
    status: 'accepted',
    content: withOwnIds(item, quoted),
    recipient: person.phone === undefined ? { userId: person.userId } : { phone: `+${person.phone}` },
    context: { by: event.by, ...(event.forwarded && { forwarded: event.forwarded }) },
    providerId: event.providerId,
    occurredAt: event.occurredAt,
    ...(replyTo !== undefined && { replyTo }),
    ...(event.replyTo && { replyToProvider: event.replyTo.providerId }),
  };
}

function acceptedOf({ item: { gateway, account, event } }: Placed, message: NewMessage) {
  if (!gateway.enabled || !account.active || !account.enabled) return [];
  const content: Content = message.content;
  return [
    {
      type: 'message.accepted' as const,
      at: event.occurredAt,
      message,
      status: 'accepted',
      providerId: event.providerId,
      shown: { origin: 'human', text: textOf(content), content },
    },
  ];
}
