import { Injectable } from '@nestjs/common';
import type { RequireOptIn, TemplatesFacet } from '../../contract/index.js';
import type { Held } from '../../dialog/message-status.js';
import type { LoadedAccount } from '../../gateway/loaded-gateway.js';
import type { Sql } from '../../platform/database/database.js';
import type { ClassRank } from '../message-class.js';
import { type AccountLimits, pairLimitOf } from './account-limits.js';
import { ConsentObstacles } from './consent-obstacles.service.js';
import { deal } from './deal.js';
import type { Candidate } from './heads.repository.js';
import { type TurnVerdict, judgeTurn } from './judge-turn.js';
import { type PairPace, RESTED, afterPairMessage } from './pair-pace.js';
import { TierLedger } from './tier-ledger.repository.js';
import { type TierState, withOneMore } from './tier.js';
import { turnOf } from './turn-of.js';

/** What the heads of one account are judged by. */
export interface Judging {
  readonly account: LoadedAccount;
  readonly templates: TemplatesFacet | undefined;
  readonly requireOptIn: RequireOptIn | undefined;
  readonly limits: AccountLimits;
  readonly tier: TierState | undefined;
  /** templates that are paused, and what their messages are told */
  readonly paused: ReadonlyMap<string, Held>;
  /** slots to give */
  readonly count: number;
  /** slots given so far */
  readonly turn: number;
  readonly now: Date;
}

export interface Decided {
  readonly candidate: Candidate;
  readonly verdict: TurnVerdict;
}

/** Gives the next slots of an account to its heads, and says of those that may not have one why. */
@Injectable()
export class HeadJudge {
  constructor(
    private readonly ledger: TierLedger,
    private readonly consents: ConsentObstacles,
  ) {}

  /** In the order of their slots; those that may not leave do not use one up. */
  async judge(
    sql: Sql,
    candidates: readonly Candidate[],
    { account, templates, requireOptIn, limits, tier: before, paused, count, turn, now }: Judging,
  ): Promise<readonly Decided[]> {
    const placed = new Set(
      limits.portfolioId === null || !before
        ? []
        : await this.ledger.placed(
            sql,
            limits.portfolioId,
            candidates.map(({ contactId }) => contactId),
          ),
    );
    const consents = await this.consents.of(sql, candidates, { templates, requireOptIn });
    const connectedSince = account.connectedSince ?? null;
    const pairs = new Map<string, PairPace>();
    const decided: Decided[] = [];
    let tier = before;
    let sent = 0;
    for (const candidate of deal(byClass(candidates), candidates.length, turn)) {
      const pair = pairs.get(candidate.threadId) ?? candidate.pair;
      const hasPlace = candidate.hasPlace || placed.has(candidate.contactId);
      const facts = {
        message: candidate,
        connectedSince,
        limits,
        pair,
        hasPlace,
        tier,
        consent: consents.get(candidate.messageId),
        template: paused.get(candidate.templateId ?? ''),
      };
      const verdict = judgeTurn(turnOf(facts, now), now);
      if (verdict.do === 'send') {
        if (sent === count) continue;
        sent += 1;
        const limit = pairLimitOf(limits, candidate);
        if (limit) pairs.set(candidate.threadId, afterPairMessage(pair ?? RESTED, limit, now.getTime()));
        if (verdict.opens && !hasPlace && tier) tier = withOneMore(tier, candidate.class);
        if (verdict.opens) placed.add(candidate.contactId);
      }
      decided.push({ candidate, verdict });
    }
    return decided;
  }
}

function byClass(candidates: readonly Candidate[]): Record<ClassRank, readonly Candidate[]> {
  const of = (rank: ClassRank): readonly Candidate[] => candidates.filter((candidate) => candidate.class === rank);
  return { 0: of(0), 1: of(1), 2: of(2), 3: of(3) };
}
