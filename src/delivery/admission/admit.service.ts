import { Inject, Injectable } from '@nestjs/common';
import type { Held } from '../../dialog/message-status.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { portfolioOf } from '../../gateway/account-limits.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Prepared, type Sql } from '../../platform/database/database.js';
import { newId } from '../../platform/ids/ids.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { CLASS_RANKS, type ClassRank } from '../message-class.js';
import { type AccountFacts, AccountFactsRepository } from './account-facts.repository.js';
import { type AccountLimits, limitsOf, pairLimitOf } from './account-limits.js';
import { LOOK_AHEAD_MS, afterSlots, budgetOf, slotsOf } from './account-pace.js';
import { type Decided, HeadJudge } from './head-judge.service.js';
import { AsideRepository } from './aside.repository.js';
import { type Candidate, HeadsRepository, type Lane, lanesOf } from './heads.repository.js';
import { PersonPaces } from './person-paces.repository.js';
import { HeldNews } from './held-news.service.js';
import { tierHeld } from './judge-turn.js';
import { afterHold, roomFor } from './pass-bounds.js';
import { MissedWindows } from './missed-windows.service.js';
import { type PairPace, RESTED, afterPairMessage } from './pair-pace.js';
import type { Scheduled } from './send-job.js';
import { SendQueue } from './send-queue.service.js';
import { TemplateHolds } from './template-holds.repository.js';
import { type Opening, TierLedger } from './tier-ledger.repository.js';
import { type TierState, freePlaces } from './tier.js';

/** Messages per second of an account that its network sets no pace: more than a machine can send. */
const UNLIMITED = 1_000_000;

/** Between two passes of one account; while everything it may have under way is under way, it is the senders' turn. */
const LEAST_REST_MS = 5;
const FULL_REST_MS = LOOK_AHEAD_MS / 2 + 20;

/** Heads that one pass moves aside or back: enough to be done soon, few enough that a code does not wait for it. */
const MOVES = 100;

/** Namespace of the advisory locks that let one pass per account run at a time. */
const ADMISSION_LOCK = 7_240_614;

/**
 * A pass asks few, long questions of the same kind again and again. For each, PostgreSQL would make a plan of its own every time, which
 * takes a third as long as the answer; all go by keys, so one plan fits all accounts.
 */
const TAKE: Prepared = {
  name: 'admission_take',
  text: `SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS taken, set_config('plan_cache_mode', 'force_generic_plan', true)`,
};

/** Replies whose window closes within this time go before all others of their class. */
const CLOSING_MS = 60_000;

/** What a pass found out about when the next one is worth its while. */
export interface PassResult {
  /** another process admits for this account, and will see what this one would have seen */
  readonly isTaken: boolean;
  /** when to look again while there is more to do; null: when something wakes the account */
  readonly again: Date | null;
}

/**
 * Decides which messages may leave now; the queue only carries them. One pass per account at a time: it gives out the slots of
 * the next moments by class and age, and moves aside what may not leave, each kind to where no later pass reads past it.
 */
@Injectable()
export class AdmitService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly facts: AccountFactsRepository,
    private readonly heads: HeadsRepository,
    private readonly aside: AsideRepository,
    private readonly people: PersonPaces,
    private readonly ledger: TierLedger,
    private readonly judging: HeadJudge,
    private readonly templateHolds: TemplateHolds,
    private readonly missed: MissedWindows,
    private readonly news: HeldNews,
    private readonly queue: SendQueue,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
  ) {}

  async pass(accountId: string): Promise<PassResult> {
    const outcome = await this.database.transaction(async (sql) => {
      const [lock] = await sql.query<{ taken: boolean }>(TAKE, [ADMISSION_LOCK, accountId]);
      return lock?.taken ? this.decide(sql, accountId) : undefined;
    });
    if (!outcome) return { isTaken: true, again: null };
    if (outcome.wroteEvents) this.dispatch.kick('events');
    for (const other of outcome.woken) this.admission.kick(other);
    await this.queue.add(accountId, outcome.scheduled, outcome.budget);
    return { isTaken: false, again: outcome.again };
  }

  private async decide(sql: Sql, accountId: string) {
    const now = this.clock.now();
    const found = this.directory.accountById(accountId);
    const facts = await this.facts.load(sql, accountId, now);
    const limits = found && limitsOf(found.gateway, found.account);
    // Before anything of `outbound`: passes of accounts that share a portfolio touch one another's heads.
    const portfolioId = limits?.portfolioId ?? null;
    const tier = portfolioId === null ? undefined : await this.ledger.lock(sql, portfolioId, now);
    if (facts.hasDue) await this.aside.wakeDue(sql, accountId, now, MOVES);
    const news = new Map<string, Held>();
    let moved = await this.clearBlocked(sql, accountId, facts, news, now);
    const open = CLASS_RANKS.filter((rank) => !facts.obstacles[rank]);
    if (!found || !limits || open.length === 0) {
      const wroteEvents = await this.news.tell(sql, news, now);
      return {
        scheduled: [],
        woken: [],
        budget: 0,
        wroteEvents,
        again: afterHold(facts, moved > 0, await this.aside.nextDue(sql, accountId), now),
      };
    }
    if (facts.hasHeld) moved += await this.aside.releaseAccount(sql, accountId, open, now, MOVES);
    const paused = facts.hasPausedTemplate ? await this.templateHolds.hold(sql, accountId, now) : NONE_PAUSED;
    for (const { messageIds, held } of paused.holds) for (const id of messageIds) news.set(id, held);
    moved += paused.holds.length;

    const inbound = limits.countsInbound ? facts.inbound : 0;
    const budget = Number.isFinite(limits.throughput)
      ? budgetOf(limits.throughput, inbound, facts.pace, now.getTime())
      : UNLIMITED;
    const room = roomFor(budget, facts);
    const slots = slotsOf(facts.pace, budget, now.getTime(), { lookAheadMs: LOOK_AHEAD_MS, max: room });
    const wanted = Math.max(1, slots.times.length);

    if (tier && facts.hasHeldByTier) moved += await this.releaseByTier(sql, accountId, tier, open, now);
    const free = (rank: ClassRank): number => (tier ? freePlaces(tier, rank) : Number.POSITIVE_INFINITY);
    const lanes = lanesOf(open, (rank, opens) => (opens ? Math.min(wanted, free(rank)) : wanted));
    const candidates = await this.heads.candidates(sql, accountId, lanes, now, new Date(now.getTime() + CLOSING_MS));

    const decided = await this.judging.judge(sql, candidates, {
      account: found.account,
      templates: found.gateway.channel(found.account.channel)?.templates,
      requireOptIn: found.gateway.type.policies(found.gateway.settings).requireOptIn,
      limits,
      tier,
      paused: paused.paused,
      count: slots.times.length,
      turn: facts.turn,
      now,
    });
    moved += await this.setAside(sql, decided, news, now);
    if (tier && portfolioId !== null)
      moved += await this.holdByTier(sql, accountId, tier, { portfolioId, open, news, now });
    const isCounted = tier !== undefined;
    const { scheduled, woken } = await this.admit(sql, decided, slots.times, { limits, isCounted, now });
    const times = slots.times.slice(0, scheduled.length);
    if (times.length > 0) {
      await this.facts.savePace(sql, accountId, afterSlots(facts.pace, budget, times), facts.turn + times.length);
    }
    const missed = await this.missed.settle(
      sql,
      decided.flatMap(({ candidate, verdict }) =>
        verdict.do === 'fallback' || verdict.do === 'fail' ? [{ messageId: candidate.messageId, verdict }] : [],
      ),
      found.account.groupId,
      now,
    );
    const wroteNews = await this.news.tell(sql, news, now);
    return {
      scheduled,
      woken: [...woken].filter((id) => id !== accountId),
      budget,
      wroteEvents: wroteNews || missed.wroteEvents,
      again: await this.nextLook(sql, accountId, {
        isMore:
          decided.length < candidates.length ||
          lanes.some((lane) => isUsedUp(lane, candidates)) ||
          moved + missed.count > 0 ||
          woken.has(accountId),
        slotAt: room === 0 ? now.getTime() + FULL_REST_MS : slots.nextAt,
        now,
      }),
    };
  }

  /** Classes that may not leave at all: their oldest heads are told so, some at a time. */
  private async clearBlocked(
    sql: Sql,
    accountId: string,
    facts: AccountFacts,
    news: Map<string, Held>,
    now: Date,
  ): Promise<number> {
    let moved = 0;
    for (const rank of CLASS_RANKS) {
      const held = facts.obstacles[rank];
      if (!held) continue;
      const stepped = await this.heads.stepAsideOldest(
        sql,
        accountId,
        { class: rank, reason: held.reason, limit: MOVES },
        now,
      );
      for (const id of stepped.told) news.set(id, held);
      moved += stepped.moved;
    }
    return moved;
  }

  private async releaseByTier(
    sql: Sql,
    accountId: string,
    tier: TierState,
    open: readonly ClassRank[],
    now: Date,
  ): Promise<number> {
    let released = 0;
    for (const rank of open) {
      const limit = Math.min(MOVES, freePlaces(tier, rank));
      if (limit > 0)
        released += await this.aside.release(
          sql,
          { accountIds: [accountId], reasons: ['tier'], class: rank, limit },
          now,
        );
    }
    return released;
  }

  /** The limit is used up for a class: those that would open one more person are told so, some at a time. */
  private async holdByTier(
    sql: Sql,
    accountId: string,
    tier: TierState,
    {
      portfolioId,
      open,
      news,
      now,
    }: { portfolioId: string; open: readonly ClassRank[]; news: Map<string, Held>; now: Date },
  ): Promise<number> {
    let moved = 0;
    for (const rank of open.filter((one) => freePlaces(tier, one) === 0)) {
      const stepped = await this.heads.stepAsideForTier(
        sql,
        accountId,
        { class: rank, portfolioId, limit: MOVES },
        now,
      );
      moved += stepped.moved;
      if (stepped.told.length === 0) continue;
      const { nextPlaceAt } = await this.ledger.read(sql, portfolioId);
      for (const id of stepped.told) news.set(id, tierHeld(nextPlaceAt ?? undefined));
    }
    return moved;
  }

  private async setAside(sql: Sql, decided: readonly Decided[], news: Map<string, Held>, now: Date): Promise<number> {
    const held = decided.flatMap(({ candidate, verdict }) =>
      verdict.do === 'hold'
        ? [
            {
              messageId: candidate.messageId,
              held: verdict.held,
              until: verdict.until,
              opens: candidate.opens || verdict.held.reason === 'tier',
            },
          ]
        : [],
    );
    const told = await this.heads.stepAside(sql, held, now);
    for (const { messageId, held: why } of held) if (told.has(messageId)) news.set(messageId, why);
    return held.length;
  }

  private async admit(
    sql: Sql,
    decided: readonly Decided[],
    times: readonly number[],
    { limits, isCounted, now }: { limits: AccountLimits; isCounted: boolean; now: Date },
  ): Promise<{ readonly scheduled: readonly Scheduled[]; readonly woken: ReadonlySet<string> }> {
    const going = decided.flatMap(({ candidate, verdict }) =>
      verdict.do === 'send' ? [{ candidate, attemptId: newId(), opens: verdict.opens }] : [],
    );
    const won = await this.heads.admit(
      sql,
      going.map(({ candidate, attemptId, opens }) => ({ messageId: candidate.messageId, attemptId, hasPlace: opens })),
      now,
    );
    const admitted = going.filter(({ candidate }) => won.has(candidate.messageId));
    let woken: ReadonlySet<string> = new Set();
    if (limits.portfolioId !== null && isCounted) {
      const openings = admitted.flatMap(({ candidate, opens }): Opening[] => (opens ? [candidate] : []));
      await this.ledger.take(sql, limits.portfolioId, openings, now);
      const shared = openings.map(({ contactId }) => contactId);
      woken = await this.aside.shared(sql, shared, this.accountsOf(limits.portfolioId), now);
    }
    const scheduled: Scheduled[] = [];
    const pairs = new Map<string, PairPace>();
    admitted.forEach(({ candidate, attemptId }, index) => {
      const at = times[index] ?? now.getTime();
      const pair = pairLimitOf(limits, candidate);
      if (pair) {
        const before = pairs.get(candidate.threadId) ?? candidate.pair ?? RESTED;
        pairs.set(candidate.threadId, afterPairMessage(before, pair, Math.max(at, now.getTime())));
      }
      scheduled.push({ messageId: candidate.messageId, attemptId, notBefore: at, rank: candidate.class });
    });
    await this.people.savePairs(sql, pairs);
    return { scheduled, woken };
  }

  private accountsOf(portfolioId: string): readonly string[] {
    return this.directory
      .all()
      .flatMap((gateway) => gateway.accounts.filter((account) => portfolioOf(gateway, account) === portfolioId))
      .map(({ id }) => id);
  }

  private async nextLook(
    sql: Sql,
    accountId: string,
    { isMore, slotAt, now }: { isMore: boolean; slotAt: number; now: Date },
  ): Promise<Date | null> {
    if (!isMore) return this.aside.nextDue(sql, accountId);
    // Half of what was given out is on the wire by then.
    return new Date(Math.max(now.getTime() + LEAST_REST_MS, slotAt - LOOK_AHEAD_MS / 2));
  }
}

const NONE_PAUSED: Awaited<ReturnType<TemplateHolds['hold']>> = { paused: new Map(), holds: [] };

/** Of a lane that gave as many heads as were asked for, there may be more: also where the messaging limit asked for few. */
function isUsedUp({ class: rank, opens, limit }: Lane, candidates: readonly Candidate[]): boolean {
  return candidates.filter((candidate) => candidate.class === rank && candidate.opens === opens).length >= limit;
}
