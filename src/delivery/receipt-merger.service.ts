import { Injectable } from '@nestjs/common';
import { type OutcomeRow, type ReceiptReceived, type RemoteError } from '../contract/index.js';
import { OUTCOME_UNKNOWN, mergeStatus } from '../dialog/message-status.js';
import type { MessageRecord } from '../dialog/message-record.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { acceptedNote, hasNote, receiptNote } from '../dialog/timeline.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { Sql } from '../platform/database/database.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { type Arrival, ArrivalRepository } from './arrival.repository.js';
import { Places } from './admission/places.service.js';
import { messageError } from './judge.js';
import { type NewOutbound, OutboundRepository } from './outbound.repository.js';
import { OutcomeEffects } from './outcome-effects.service.js';
import { type MessageStep, ProgressEvents, eventTypeOf } from './progress-events.service.js';
import { type Progress, ProgressRepository, type Standing } from './progress.repository.js';
import {
  type MatchedReceipt,
  arrivalOf,
  asReceiptStatus,
  isUnderWay,
  newReceipts,
  restartOf,
  stepOf,
} from './read-receipts.js';
import { TemplateRefusals } from './template-refusals.service.js';

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
    if (matched.length === 0) return { accountIds: new Set(), wroteEvents: false };
    const settled = await this.settleAttempts(sql, matched, now);
    const standings = await this.progress.lock(sql, [...new Set(matched.map(({ messageId }) => messageId))]);
    const fresh = newReceipts(matched, standings);
    const records = await this.refused(sql, fresh);
    const changes: Progress[] = [];
    const steps: MessageStep[] = [];
    const restarts: NewOutbound[] = [];
    const arrivals: Arrival[] = [];
    for (const standing of standings) {
      const own = fresh.get(standing.id) ?? [];
      const answer = settled.answers.get(standing.id);
      const notes = [
        ...(answer ? [acceptedNote(answer.attemptId, answer.providerId, now)] : []),
        ...own.map(({ receipt }) => receiptNote(receipt)),
      ].filter(({ key }) => !hasNote(standing.timeline, key));
      if (notes.length === 0) continue;
      if (answer === undefined && isUnderWay(standing)) {
        changes.push({ messageId: standing.id, status: standing.status, notes });
        continue;
      }
      const record = records.get(standing.id);
      const result = this.mergeOne(standing, record, own, answer?.providerId, settled.open.has(standing.id));
      if (result.restart) notes.push({ key: 'fallback', status: 'fallback', at: now, detail: null });
      changes.push({ notes, ...result.progress });
      steps.push(...result.steps);
      arrivals.push(...arrivalOf(standing, result.progress, own));
      if (!record) continue;
      if (result.restart) restarts.push(await this.withTemplate(sql, record, result.restart));
      for (const refusal of result.refusals) await this.learn(sql, record, refusal, now);
    }
    if (changes.length === 0) return { accountIds: settled.accountIds, wroteEvents: false };
    await this.progress.update(sql, changes, now);
    await this.arrivals.add(sql, arrivals);
    const told = [...fresh.values()].flat();
    const freed = await this.countPlaces(sql, standings, told, now);
    await this.outbound.insert(sql, restarts, now);
    const wroteEvents = await this.events.write(sql, steps, now);
    for (const { receipt } of told) this.metrics.messages.inc({ direction: 'out', status: receipt.status });
    return {
      accountIds: new Set([...settled.accountIds, ...freed, ...restarts.map(({ accountId }) => accountId)]),
      wroteEvents,
    };
  }

  /** All of the messages that failed: what comes of that depends on their content. */
  private async refused(
    sql: Sql,
    fresh: ReadonlyMap<string, readonly MatchedReceipt[]>,
  ): Promise<ReadonlyMap<string, MessageRecord>> {
    const ids = [...fresh].flatMap(([id, own]) => (own.some(({ receipt }) => receipt.status === 'failed') ? [id] : []));
    const records = await this.messages.findAll(sql, ids, { lock: false });
    return new Map(records.map((record) => [record.id, record]));
  }

  /** Whom the business opened counts from delivered; what failed for good never was. */
  private async countPlaces(
    sql: Sql,
    standings: readonly Standing[],
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
    const counted = standings.map(({ id, contactId }) => ({ messageId: id, contactId }));
    await this.places.delivered(
      sql,
      counted.flatMap((one) => {
        const at = delivered.get(one.messageId);
        return at ? [{ at, ...one }] : [];
      }),
      now,
    );
    return this.places.forget(
      sql,
      counted.filter(({ messageId }) => failed.has(messageId) && !delivered.has(messageId)),
    );
  }

  /** Attempts whose answer we never saw: the receipt is the answer. Before the messages are locked, since lines come first. */
  private async settleAttempts(sql: Sql, matched: readonly MatchedReceipt[], now: Date) {
    const answers = new Map<string, { messageId: string; attemptId: string; accountId: string; providerId: string }>();
    for (const { messageId, attemptId, accountId, receipt } of matched) {
      if (attemptId !== null)
        answers.set(messageId, { messageId, attemptId, accountId, providerId: receipt.providerId });
    }
    const rows = [...answers.values()];
    if (rows.length === 0) return { accountIds: new Set<string>(), answers, open: new Set<string>() };
    const { accountIds, removed } = await this.outbound.remove(sql, rows, now);
    await this.places.accepted(sql, [...removed.values()], now);
    await this.messages.claimProviderIds(sql, rows);
    return { accountIds, answers, open: await this.outbound.open(sql, [...answers.keys()]) };
  }

  /** @param record all of it, when a receipt of its failure is among them */
  private mergeOne(
    standing: Standing,
    record: MessageRecord | undefined,
    receipts: readonly MatchedReceipt[],
    settledId: string | undefined,
    isSentAgain: boolean,
  ) {
    const providerId = settledId ?? standing.providerId;
    let { status, error, price } = standing;
    let restart: NewOutbound | undefined;
    const steps: MessageStep[] = [];
    const refusals: Refusal[] = [];
    for (const { receipt } of receipts) {
      const known = asReceiptStatus(receipt.status);
      // Late news of an attempt that something else has replaced stays in the timeline.
      if (!known || receipt.providerId !== providerId) continue;
      const refusal = known === 'failed' ? this.refusalOf(standing, receipt) : undefined;
      if (refusal) refusals.push(refusal);
      const failure = refusal && messageError(refusal.row, refusal.remote);
      // Another attempt is on its way already: it decides, and it must not be joined by a third.
      if (failure && isSentAgain) continue;
      const next = mergeStatus(status, known, error?.code);
      if (
        next === 'failed' &&
        failure?.action === 'fallback' &&
        record?.fallback &&
        standing.part === 'content' &&
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
      if (type) steps.push(stepOf(type, standing, receipt, failure));
    }
    const progress: Progress = {
      messageId: standing.id,
      status: restart ? 'queued' : status,
      error,
      held: null,
      ...(providerId !== undefined && { providerId }),
      ...(price && { price }),
      ...(restart && { part: 'fallback' as const }),
    };
    return { progress, steps, restart, refusals };
  }

  private refusalOf(
    { gatewayId, accountId, channel: name }: Standing,
    { occurredAt, error }: ReceiptReceived,
  ): Refusal {
    const remote = error ?? { code: 'unknown', message: 'the network gave no reason' };
    const channel = this.directory.byId(gatewayId)?.channel(name);
    const account = this.directory.accountById(accountId)?.account;
    return { row: this.effects.rowOf(channel, remote, account), remote, occurredAt };
  }

  /** What a late refusal means for others: nothing is sent again, but who would meet the same waits. */
  private async learn(sql: Sql, record: MessageRecord, { row, remote, occurredAt }: Refusal, now: Date): Promise<void> {
    const found = this.directory.accountById(record.accountId);
    if (!found) return;
    // A network whose clock is ahead of ours must not hold anything for longer than its rule says.
    const at = occurredAt < now ? occurredAt : now;
    await this.effects.apply(sql, { record, remote, row, at, askedAt: at, ...found });
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
