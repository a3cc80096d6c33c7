import { Injectable } from '@nestjs/common';
import {
  type OutcomeRow,
  RECEIPT_STATUSES,
  type ReceiptReceived,
  type ReceiptStatus,
  type RemoteError,
} from '../contract/index.js';
import { type MessageError, OUTCOME_UNKNOWN, mergeStatus } from '../dialog/message-status.js';
import { type MessageRecord, MessageRepository } from '../dialog/message.repository.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { Sql } from '../platform/database/database.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { type Arrival, ArrivalRepository } from './arrival.repository.js';
import { Places } from './admission/places.service.js';
import { messageError } from './judge.js';
import { FREE_FORM, type MessageClass, kindOf, rankOfClass } from './message-class.js';
import { type NewOutbound, OutboundRepository } from './outbound.repository.js';
import { OutcomeEffects } from './outcome-effects.service.js';
import { type MessageStep, ProgressEvents, eventTypeOf } from './progress-events.service.js';
import { type Progress, ProgressRepository, type TimelineNote, noteKey } from './progress.repository.js';
import { TemplateRefusals } from './template-refusals.service.js';

export interface MatchedReceipt {
  readonly messageId: string;
  /** set when the receipt named the attempt itself */
  readonly attemptId: string | null;
  readonly receipt: ReceiptReceived;
}

/** What to wake after the commit. */
export interface ReceiptEffect {
  readonly accountIds: ReadonlySet<string>;
  readonly wroteEvents: boolean;
}

/** What a receipt says of a message that failed. */
interface Refusal {
  readonly row: OutcomeRow;
  readonly remote: RemoteError;
  readonly occurredAt: Date;
}

/** What makes a receipt the same receipt. */
export function receiptKey({ status, participant, providerId }: ReceiptReceived): string {
  return `${status}|${participant ?? ''}|${providerId}`;
}

/**
 * Receipts raise a message's status and never lower it; every distinct one enters the timeline once. One that names an attempt
 * in doubt settles it. A `failed` whose code calls for it starts the fallback, under the same message id.
 */
@Injectable()
export class ReceiptMerger {
  constructor(
    private readonly messages: MessageRepository,
    private readonly outbound: OutboundRepository,
    private readonly progress: ProgressRepository,
    private readonly events: ProgressEvents,
    private readonly directory: GatewayDirectory,
    private readonly metrics: Metrics,
    private readonly templates: TemplateRefusals,
    private readonly effects: OutcomeEffects,
    private readonly places: Places,
    private readonly arrivals: ArrivalRepository,
  ) {}

  async merge(sql: Sql, matched: readonly MatchedReceipt[], now: Date): Promise<ReceiptEffect> {
    const fresh = await this.onlyNew(sql, matched, now);
    if (fresh.length === 0) return { accountIds: new Set(), wroteEvents: false };
    const settled = await this.settleAttempts(sql, fresh, now);
    const records = await this.messages.findAll(sql, [...new Set(fresh.map(({ messageId }) => messageId))], {
      lock: true,
    });
    const changes: Progress[] = [];
    const steps: MessageStep[] = [];
    const restarts: NewOutbound[] = [];
    const arrivals: Arrival[] = [];
    for (const record of records) {
      const own = fresh.filter(({ messageId }) => messageId === record.id);
      const settledId = settled.providerIds.get(record.id);
      if (settledId === undefined && isUnderWay(record)) continue;
      const result = this.mergeOne(record, own, settledId, settled.open.has(record.id));
      changes.push(result.progress);
      steps.push(...result.steps);
      arrivals.push(...arrivalOf(record, result.progress, own));
      if (result.restart) restarts.push(await this.withTemplate(sql, record, result.restart));
      for (const refusal of result.refusals) await this.learn(sql, record, refusal, now);
    }
    await this.progress.update(sql, changes, now);
    await this.arrivals.add(sql, arrivals);
    const freed = await this.countPlaces(sql, records, fresh, now);
    await this.outbound.insert(sql, restarts, now);
    await this.progress.note(
      sql,
      restarts.map(({ messageId }) => ({ messageId, key: 'fallback', status: 'fallback', at: now, detail: null })),
      now,
    );
    const wroteEvents = await this.events.write(sql, steps, now);
    for (const { receipt } of fresh) this.metrics.messages.inc({ direction: 'out', status: receipt.status });
    return {
      accountIds: new Set([...settled.accountIds, ...freed, ...restarts.map(({ accountId }) => accountId)]),
      wroteEvents,
    };
  }

  /** Whom the business opened counts from delivered; what failed for good never was. */
  private async countPlaces(
    sql: Sql,
    records: readonly MessageRecord[],
    fresh: readonly MatchedReceipt[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    const told = (...statuses: string[]): ReadonlyMap<string, Date> =>
      new Map(
        fresh
          .filter(({ receipt }) => statuses.includes(receipt.status))
          .map(({ messageId, receipt }) => [messageId, receipt.occurredAt]),
      );
    const delivered = told('delivered', 'read', 'played');
    const failed = told('failed');
    const counted = records.map(({ id, contactId }) => ({ messageId: id, contactId }));
    await this.places.delivered(
      sql,
      counted.flatMap((one) => {
        const at = delivered.get(one.messageId);
        return at ? [{ ...one, at }] : [];
      }),
      now,
    );
    return this.places.forget(
      sql,
      counted.filter(({ messageId }) => failed.has(messageId) && !delivered.has(messageId)),
    );
  }

  private async onlyNew(sql: Sql, matched: readonly MatchedReceipt[], now: Date): Promise<readonly MatchedReceipt[]> {
    const notes = new Map<string, { note: TimelineNote; match: MatchedReceipt }>();
    for (const match of matched) {
      const { receipt, messageId } = match;
      const note: TimelineNote = {
        messageId,
        key: receiptKey(receipt),
        status: receipt.status,
        at: receipt.occurredAt,
        detail: {
          provider: true,
          providerId: receipt.providerId,
          ...(receipt.participant !== undefined && { participant: receipt.participant }),
          ...(receipt.error && { code: receipt.error.code, detail: receipt.error.details ?? receipt.error.message }),
        },
      };
      if (!notes.has(noteKey(note))) notes.set(noteKey(note), { note, match });
    }
    const fresh = await this.progress.note(
      sql,
      [...notes.values()].map(({ note }) => note),
      now,
    );
    return [...notes].filter(([key]) => fresh.has(key)).map(([, { match }]) => match);
  }

  /** Attempts whose answer we never saw: the receipt is the answer. */
  private async settleAttempts(sql: Sql, fresh: readonly MatchedReceipt[], now: Date) {
    const named = new Map<string, { messageId: string; attemptId: string; receipt: ReceiptReceived }>();
    for (const { messageId, attemptId, receipt } of fresh) {
      if (attemptId !== null) named.set(messageId, { messageId, attemptId, receipt });
    }
    const rows = [...named.values()];
    if (rows.length === 0)
      return { accountIds: new Set<string>(), providerIds: new Map<string, string>(), open: new Set<string>() };
    const { accountIds, removed } = await this.outbound.remove(sql, rows, now);
    await this.places.accepted(sql, [...removed.values()], now);
    await this.outbound.recordAttempts(
      sql,
      rows.map(({ attemptId, receipt }) => ({
        attemptId,
        status: 'accepted',
        providerId: receipt.providerId,
        error: null,
      })),
      now,
    );
    const records = await this.messages.findAll(
      sql,
      rows.map(({ messageId }) => messageId),
      { lock: true },
    );
    await this.messages.claimProviderIds(
      sql,
      records.flatMap(({ id, accountId }) => {
        const row = named.get(id);
        return row ? [{ accountId, providerId: row.receipt.providerId, messageId: id }] : [];
      }),
    );
    return {
      accountIds,
      providerIds: new Map(rows.map(({ messageId, receipt }) => [messageId, receipt.providerId])),
      open: await this.outbound.open(sql, [...named.keys()]),
    };
  }

  private mergeOne(
    record: MessageRecord,
    receipts: readonly MatchedReceipt[],
    settledId: string | undefined,
    isSentAgain: boolean,
  ) {
    const providerId = settledId ?? record.providerId;
    let { status, error } = record;
    let price = record.price;
    let restart: NewOutbound | undefined;
    const steps: MessageStep[] = [];
    const refusals: Refusal[] = [];
    for (const { receipt } of receipts) {
      const known = asReceiptStatus(receipt.status);
      // Late news of an attempt that something else has replaced stays in the timeline.
      if (!known || receipt.providerId !== providerId) continue;
      const refusal = known === 'failed' ? this.refusalOf(record, receipt) : undefined;
      if (refusal) refusals.push(refusal);
      const failure = refusal && messageError(refusal.row, refusal.remote);
      // Another attempt is on its way already: it decides, and it must not be joined by a third.
      if (failure && isSentAgain) continue;
      const next = mergeStatus(status, known, error?.code);
      if (
        next === 'failed' &&
        failure?.action === 'fallback' &&
        record.fallback &&
        record.part === 'content' &&
        !restart
      ) {
        restart = restartOf(record);
        status = 'queued';
        error = null;
        continue;
      }
      if (next !== status || error?.code === OUTCOME_UNKNOWN) error = next === 'failed' ? (failure ?? error) : null;
      status = next;
      price = receipt.price ?? price;
      const type = eventTypeOf(known);
      if (type) steps.push(stepOf(type, record, receipt, failure));
    }
    const progress: Progress = {
      messageId: record.id,
      status: restart ? 'queued' : status,
      error,
      held: null,
      ...(providerId !== undefined && { providerId }),
      ...(price && { price }),
      ...(restart && { part: 'fallback' as const }),
    };
    return { progress, steps, restart, refusals };
  }

  private refusalOf(record: MessageRecord, { occurredAt, error }: ReceiptReceived): Refusal {
    const remote = error ?? { code: 'unknown', message: 'the network gave no reason' };
    const channel = this.directory.byId(record.gatewayId)?.channel(record.channel);
    return { row: this.effects.rowOf(channel, remote), remote, occurredAt };
  }

  /** What a late refusal means for others: nothing is sent again, but who would meet the same waits. */
  private async learn(sql: Sql, record: MessageRecord, { row, remote, occurredAt }: Refusal, now: Date): Promise<void> {
    const found = this.directory.accountById(record.accountId);
    if (!found) return;
    // A network whose clock is ahead of ours must not hold anything for longer than its rule says.
    const at = occurredAt < now ? occurredAt : now;
    await this.effects.apply(sql, { ...found, record, remote, row, at, askedAt: at });
  }

  private async withTemplate(sql: Sql, record: MessageRecord, restart: NewOutbound): Promise<NewOutbound> {
    const groupId = this.groupIdOf(record);
    if (groupId === undefined) return restart;
    return { ...restart, templateId: await this.templates.idOf(groupId, record.fallback, sql) };
  }

  private groupIdOf(record: MessageRecord): string | undefined {
    return this.directory.accountById(record.accountId)?.account.groupId;
  }
}

function asReceiptStatus(status: string): ReceiptStatus | undefined {
  return RECEIPT_STATUSES.find((known) => known === status);
}

/** Its next attempt has not been accepted yet: a receipt that settles none is late news of one that it replaces. */
function isUnderWay({ status }: MessageRecord): boolean {
  return status === 'queued' || status === 'held' || status === 'sending';
}

const ARRIVED: ReadonlySet<string> = new Set(['delivered', 'read', 'played']);

/** What arrives for the first time is what the network may charge. Reactions are neither charged nor counted. */
function arrivalOf(record: MessageRecord, progress: Progress, own: readonly MatchedReceipt[]): readonly Arrival[] {
  if (ARRIVED.has(record.status) || !ARRIVED.has(progress.status)) return [];
  if (record.part === 'content' && record.content.type === 'reaction') return [];
  const receipt = own.find(({ receipt: { status } }) => ARRIVED.has(status))?.receipt;
  if (!receipt) return [];
  const { phone, userId } = receipt.recipient ?? {};
  const price = progress.price ?? record.price;
  return [
    {
      messageId: record.id,
      accountId: record.accountId,
      at: receipt.occurredAt,
      ...(phone !== undefined && { phone }),
      ...(userId !== undefined && { userId }),
      ...(price && { price }),
    },
  ];
}

/** The fallback takes the message's own old place in its line. */
function restartOf(record: MessageRecord): NewOutbound {
  return {
    messageId: record.id,
    threadId: record.threadId,
    class: rankOfClass((record.class ?? 'utility') as MessageClass),
    seq: record.seq,
    gatewayId: record.gatewayId,
    accountId: record.accountId,
    contactId: record.contactId,
    part: 'fallback',
    kind: record.fallback ? kindOf(record.fallback) : FREE_FORM,
    hasFallback: true,
    opens: true,
    windowUntil: null,
    expiresAt: record.expiresAt ?? null,
    sendAt: null,
    templateId: null,
  };
}

function stepOf(
  type: MessageStep['type'],
  record: MessageRecord,
  receipt: ReceiptReceived,
  error: MessageError | undefined,
): MessageStep {
  return {
    type,
    at: receipt.occurredAt,
    message: record,
    status: receipt.status,
    providerId: receipt.providerId,
    ...(error && { error }),
    ...(receipt.price && { price: receipt.price }),
  };
}
