import { Inject, Injectable } from '@nestjs/common';
import type { RemoteError } from '../contract/index.js';
import type { Held, MessageError, MessagePart } from '../dialog/message-status.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { type TimelineNote, hasNote } from '../dialog/timeline.js';
import { Clock } from '../platform/clock/clock.js';
import { Batcher } from '../platform/database/batcher.js';
import { Database, type Sql, isConnectionError } from '../platform/database/database.js';
import { Metrics } from '../platform/metrics/metrics.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { AccountPulse } from './account-pulse.service.js';
import { Places } from './admission/places.service.js';
import { AttemptRepository } from './attempt.repository.js';
import { type Gone, OutboundRepository } from './outbound.repository.js';
import { type MessageStep, ProgressEvents, eventTypeOf } from './progress-events.service.js';
import { type Progress, ProgressRepository, type Standing } from './progress.repository.js';
import { ReceiptMarks } from './receipt-marks.service.js';
import { ReceiptMatcher } from './receipt-matcher.service.js';

/** A settlement is ten statements, however many settle in it: at a pace of 1,000 a second they come one by one. */
const SETTLE_REST_MS = 10;

/** What became of one attempt, or of a message that never got one. */
export type Settlement = { readonly messageId: string; readonly attemptId: string } & (
  | { readonly result: 'accepted'; readonly providerId: string }
  | {
      readonly result: 'failed';
      readonly error: MessageError;
      readonly remote?: RemoteError;
      readonly status?: 'failed' | 'expired';
    }
  /** another attempt, at once or later; `part` fallback starts that instead of the content */
  | {
      readonly result: 'requeued';
      readonly part: MessagePart;
      readonly availableAt: Date;
      readonly held: Held | null;
      readonly countsAttempt: boolean;
      readonly remote?: RemoteError;
      /** of the part, where it is another one than before */
      readonly templateId?: string | null;
    }
  | { readonly result: 'doubted'; readonly held: Held }
);

/**
 * Writes down outcomes. Many settle in one transaction; each is idempotent, since a receipt, the sweeper or a second job may
 * have settled the same attempt before. What left its line makes room for the next message of it.
 */
@Injectable()
export class SettleService {
  private readonly batcher = new Batcher<Settlement, boolean>(
    (items) => this.settleAll(items),
    { maxItems: 200, concurrency: 2, restMs: SETTLE_REST_MS },
    (error) => !isConnectionError(error),
  );

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly outbound: OutboundRepository,
    private readonly attempts: AttemptRepository,
    private readonly messages: MessageRepository,
    private readonly progress: ProgressRepository,
    private readonly events: ProgressEvents,
    private readonly matcher: ReceiptMatcher,
    private readonly marks: ReceiptMarks,
    private readonly places: Places,
    private readonly pulse: AccountPulse,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
  ) {}

  /** True when this settlement took effect; false when the attempt was settled already. */
  settle(settlement: Settlement): Promise<boolean> {
    return this.batcher.submit(settlement);
  }

  private async settleAll(items: readonly Settlement[]): Promise<readonly boolean[]> {
    const outcome = await this.database.transaction((sql) => this.apply(sql, items));
    for (const accountId of outcome.accountIds) this.admission.kick(accountId);
    if (outcome.wroteEvents) this.dispatch.kick('events');
    for (const accountId of outcome.accepted) this.pulse.accepted(accountId);
    for (const item of items) {
      if (outcome.effective.has(item.attemptId))
        this.metrics.messages.inc({ direction: 'out', status: statusOf(item) });
    }
    return items.map(({ attemptId }) => outcome.effective.has(attemptId));
  }

  private async apply(sql: Sql, items: readonly Settlement[]) {
    const now = this.clock.now();
    const final = items.filter(({ result }) => result === 'accepted' || result === 'failed');
    const requeued = items.filter((item) => item.result === 'requeued');
    const doubted = items.filter((item) => item.result === 'doubted');
    const { removed, accountIds } = await this.outbound.remove(sql, final, now);
    const freed = await this.settlePlaces(sql, final, removed, now);
    const back = await this.attempts.requeue(
      sql,
      requeued.map((item) => ({ heldReason: item.held?.reason ?? null, ...item })),
      now,
    );
    const inDoubt = await this.attempts.doubt(sql, doubted, now);
    // By attempt: a late word about an earlier one may come in the same batch as the outcome of the latest.
    const effective = items.filter(({ messageId, attemptId, result }) => {
      if (result === 'requeued') return back.has(attemptId);
      if (result === 'doubted') return inDoubt.has(attemptId);
      return removed.get(messageId)?.attemptId === attemptId;
    });
    await this.attempts.recordAttempts(sql, effective.flatMap(attemptOf), now);
    const accepted = effective.flatMap((item) => acceptedOf(item, removed.get(item.messageId)));
    const markable = await this.marks.markable(sql, accepted);
    await this.matcher.lockProviderIds(sql, [
      ...accepted.map(({ providerId }) => providerId),
      ...this.marks.locksOf(markable),
    ]);
    await this.messages.claimProviderIds(sql, accepted);
    const others = effective.filter(({ result }) => result !== 'accepted');
    const standings = [
      ...(await this.progress.accept(sql, accepted, now)),
      ...(await this.progressOthers(sql, others, now)),
    ];
    const owners = new Map(standings.map((standing) => [standing.id, standing]));
    const steps = effective.flatMap((item) => stepOf(item, owners.get(item.messageId), now));
    let wroteEvents = await this.events.write(sql, steps, now);
    const early = await this.matcher.adopt(sql, accepted, now);
    const marked = await this.marks.adopt(sql, markable, now);
    wroteEvents ||= early.wroteEvents || marked.wroteEvents;
    const woken = new Set([...accountIds, ...freed, ...early.accountIds, ...marked.accountIds]);
    for (const item of requeued) {
      const owner = owners.get(item.messageId);
      if (owner && item.availableAt <= now) woken.add(owner.accountId);
    }
    return {
      effective: new Set(effective.map(({ attemptId }) => attemptId)),
      accountIds: woken,
      wroteEvents,
      accepted: accepted.map(({ accountId }) => accountId),
    };
  }

  private async progressOthers(sql: Sql, items: readonly Settlement[], now: Date): Promise<readonly Standing[]> {
    const standings = await this.progress.lock(
      sql,
      items.map(({ messageId }) => messageId),
    );
    const byId = new Map(standings.map((standing) => [standing.id, standing]));
    await this.progress.update(
      sql,
      items.map((item) => progressOf(item, byId.get(item.messageId), now)),
      now,
    );
    return standings;
  }

  /** What was accepted counts for a day, and so does what may have been; what failed for certain gives its place back. */
  private async settlePlaces(
    sql: Sql,
    final: readonly Settlement[],
    removed: ReadonlyMap<string, Gone>,
    now: Date,
  ): Promise<ReadonlySet<string>> {
    const of = (result: Settlement['result']): Gone[] =>
      final.flatMap((item) => {
        const gone = removed.get(item.messageId);
        return item.result === result && gone?.attemptId === item.attemptId ? gone : [];
      });
    await this.places.accepted(sql, of('accepted'), now);
    return this.places.release(sql, of('failed'), now);
  }
}

function statusOf(item: Settlement): Progress['status'] {
  switch (item.result) {
    case 'accepted':
      return 'accepted';
    case 'failed':
      return item.status ?? 'failed';
    case 'requeued':
      return item.held ? 'held' : 'queued';
    case 'doubted':
      return 'held';
  }
}

function progressOf(item: Settlement, standing: Standing | undefined, now: Date): Progress {
  const notes = notesOf(item, now).filter(({ key }) => !standing || !hasNote(standing.timeline, key));
  const base = { messageId: item.messageId, status: statusOf(item), notes };
  switch (item.result) {
    case 'failed':
      return { error: item.error, held: null, ...base };
    case 'requeued':
      return { part: item.part, held: item.held, ...base };
    case 'doubted':
      return { held: item.held, ...base };
    case 'accepted':
      return base;
  }
}

/** That it was accepted is in the message's timeline. */
function attemptOf(item: Settlement) {
  const { attemptId } = item;
  switch (item.result) {
    case 'accepted':
      return [];
    case 'failed': {
      const { code, title: message } = item.error;
      return [{ attemptId, status: 'failed', error: item.remote ?? { code, message } }];
    }
    case 'requeued':
      return [{ attemptId, status: item.countsAttempt ? 'refused' : 'unsent', error: item.remote ?? null }];
    case 'doubted':
      return [{ attemptId, status: 'doubt', error: null }];
  }
}

function notesOf(item: Settlement, at: Date): TimelineNote[] {
  switch (item.result) {
    case 'accepted':
      return [];
    case 'failed': {
      const status = statusOf(item);
      const { code, detail } = item.error;
      return [{ key: `${status}#${item.attemptId}`, status, at, detail: { code, detail } }];
    }
    case 'requeued':
    case 'doubted': {
      const notes: TimelineNote[] = [];
      if (item.result === 'requeued' && item.part === 'fallback')
        notes.push({ key: 'fallback', status: 'fallback', at, detail: null });
      if (item.held) notes.push({ key: `held#${item.attemptId}`, status: 'held', at, detail: { ...item.held } });
      return notes;
    }
  }
}

function stepOf(item: Settlement, message: MessageStep['message'] | undefined, now: Date): MessageStep[] {
  const type = eventTypeOf(statusOf(item));
  if (!type || !message) return [];
  return [
    {
      type,
      at: now,
      message,
      status: statusOf(item),
      ...(item.result === 'accepted' && { providerId: item.providerId }),
      ...(item.result === 'failed' && { error: item.error }),
    },
  ];
}

function acceptedOf(item: Settlement, gone: Gone | undefined) {
  if (item.result !== 'accepted' || !gone) return [];
  const { messageId, attemptId, providerId } = item;
  return [{ messageId, attemptId, providerId, accountId: gone.accountId }];
}
