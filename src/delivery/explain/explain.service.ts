import { Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import { type Content, isTemplate } from '../../contract/index.js';
import type { Held } from '../../dialog/message-status.js';
import { windowOf, windowView } from '../../dialog/window.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';
import { type Template, TemplateRepository } from '../../template/template.repository.js';
import { EntryReader } from '../accept/entry-reader.service.js';
import { judgePassage } from '../accept/message-writer.service.js';
import type { MessageBody } from '../accept/message.dto.js';
import { PrepareService } from '../accept/prepare.service.js';
import { RecipientResolver } from '../accept/recipient-resolver.service.js';
import { orThrow } from '../accept/refusable.js';
import type { Prepared } from '../accept/submission.js';
import { type AccountFacts, AccountFactsRepository } from '../admission/account-facts.repository.js';
import { type AccountLimits, limitsOf } from '../admission/account-limits.js';
import { budgetOf } from '../admission/account-pace.js';
import { type Asked, ConsentObstacles } from '../admission/consent-obstacles.service.js';
import { type TurnVerdict, obstaclesOf, opensPerson } from '../admission/judge-turn.js';
import { TierLedger } from '../admission/tier-ledger.repository.js';
import { freePlaces } from '../admission/tier.js';
import { turnOf } from '../admission/turn-of.js';
import { type ClassRank, kindOf, rankOfClass } from '../message-class.js';
import { ExplainRepository } from './explain.repository.js';
import type { Explanation, Reason } from './explanation.js';

/**
 * What would happen to a message, without sending it: the judgements of acceptance, and then the very ones that admission makes
 * when its turn comes, all of them and not only the first.
 */
@Injectable()
export class ExplainService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly entries: EntryReader,
    private readonly preparing: PrepareService,
    private readonly resolver: RecipientResolver,
    private readonly facts: AccountFactsRepository,
    private readonly consents: ConsentObstacles,
    private readonly ledger: TierLedger,
    private readonly templates: TemplateRepository,
    private readonly people: ExplainRepository,
  ) {}

  /** @throws Problem 400 when the body makes no sense; what a rule refuses is an answer */
  async explain(principal: Principal, body: MessageBody): Promise<Explanation> {
    try {
      const [entry] = await this.entries.address([this.entries.read(principal, body)]);
      const [prepared] = await this.preparing.prepareAll([orThrow(entry)]);
      return await this.turn(orThrow(prepared));
    } catch (error) {
      if (!(error instanceof Problem) || error.status === 400) throw error;
      return rejected(error);
    }
  }

  private async turn(prepared: Prepared): Promise<Explanation> {
    const { submission, recipient } = prepared;
    const { gateway, sender } = submission;
    const { account } = sender;
    const now = this.clock.now();
    const limits = limitsOf(gateway, account);
    const [known] = await this.resolver.known([{ accountId: account.id, recipient }]);
    const contactId = known?.contactId;
    const lastInboundAt = known?.lastInboundAt ?? null;
    const passage = judgePassage(submission, lastInboundAt, now);
    const rank = rankOfClass(passage.class);
    const going: Content = (passage.part === 'fallback' ? submission.fallback : undefined) ?? submission.content;
    const facts = await this.facts.load(this.database, account.id, now);
    const person = await this.people.person(account.id, contactId, rank, now);
    const tier = limits.portfolioId === null ? undefined : await this.ledger.read(this.database, limits.portfolioId);
    const hasPlace =
      contactId !== undefined &&
      limits.portfolioId !== null &&
      (await this.ledger.placed(this.database, limits.portfolioId, [contactId])).has(contactId);
    const template = await this.template(prepared, going);
    const turn = turnOf(
      {
        message: {
          class: rank,
          kind: kindOf(going),
          part: passage.part,
          hasFallback: submission.fallback !== undefined,
          lastInboundAt,
          threadHold: person.threadHold,
        },
        connectedSince: account.connectedSince ?? null,
        limits,
        pair: person.pair,
        hasPlace,
        tier,
        nextPlaceAt: tier?.nextPlaceAt ?? undefined,
        obstacle: facts.obstacles[rank],
        consent: await this.consent(prepared, contactId, going, rank, template),
        template: template && pausedBy(template),
      },
      now,
    );
    const obstacles = obstaclesOf(turn, now);
    const reasons = obstacles.map(reasonOf);
    if (passage.part === 'fallback') {
      const detail = 'The 24-hour window is not open for free-form content: the fallback goes instead.';
      reasons.unshift({ code: 'window.closed', detail });
    }
    if (submission.sendAt) {
      const until = submission.sendAt.toISOString();
      reasons.push({ code: 'schedule', detail: 'It is to leave at sendAt, and not before.', until });
    }
    const perSecond = paceOf(limits, facts, now);
    const ahead = (await this.people.ahead(account.id, rank)) + person.inLine;
    if (ahead > 0)
      reasons.push({ code: 'order', detail: `${ahead} messages of this class or a better one go before it.` });
    const window = windowOf(
      { durationMs: limits.windowMs, lastInboundAt, connectedSince: account.connectedSince ?? null },
      now,
    );
    return {
      verdict: verdictOf(obstacles[0], passage.part === 'fallback', submission.sendAt),
      reasons,
      window: windowView(window),
      tier: tier
        ? {
            portfolio: limits.portfolioId,
            limit: tier.limit,
            used: tier.used,
            free: tier.limit === null ? null : freePlaces(tier, rank),
            needsPlace: opensPerson(window) && !hasPlace,
          }
        : null,
      pace: Number.isFinite(limits.throughput)
        ? { perSecond, throughput: limits.throughput, inbound: facts.inbound }
        : null,
      class: passage.class,
      estimatedAt: estimate(obstacles, ahead, perSecond, submission.sendAt, now),
    };
  }

  /** A stranger has said nothing; what the gateway asks for may still be missing. */
  private async consent(
    { submission: { gateway, sender } }: Prepared,
    contactId: string | undefined,
    going: Content,
    rank: ClassRank,
    template: Template | undefined,
  ): Promise<string | undefined> {
    const asked: Asked = {
      messageId: '',
      contactId: contactId ?? NOBODY,
      class: rank,
      kind: kindOf(going),
      category: template?.category ?? null,
    };
    const { requireOptIn } = gateway.type.policies(gateway.settings);
    const policy = { templates: sender.channel.templates, requireOptIn };
    return (await this.consents.of(this.database, [asked], policy, { lock: false })).get('');
  }

  private async template({ submission: { sender } }: Prepared, going: Content): Promise<Template | undefined> {
    return isTemplate(going) ? this.templates.find(sender.account.groupId, going.name, going.language) : undefined;
  }
}

/** The id of no contact. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

function pausedBy({ standing, name, language, reason, pausedUntil }: Template): Held | undefined {
  if (standing !== 'paused') return undefined;
  const why = reason === null ? '' : ` (${reason})`;
  return {
    reason: 'template',
    detail: `The network has paused the template ${name} (${language})${why}.`,
    ...(pausedUntil && { until: pausedUntil.toISOString() }),
  };
}

function rejected({ code, message }: Problem): Explanation {
  const reasons = [{ code, detail: message }];
  return { verdict: 'reject', reasons, window: null, tier: null, pace: null, class: null, estimatedAt: null };
}

type Obstacle = ReturnType<typeof obstaclesOf>[number];

function reasonOf(obstacle: Obstacle): Reason {
  switch (obstacle.do) {
    case 'hold': {
      const { reason, detail, until } = obstacle.held;
      return { code: reason, detail, ...(until !== undefined && { until }) };
    }
    case 'fallback':
      return { code: 'window.closed', detail: obstacle.detail };
    case 'fail':
      return { code: obstacle.error.code, detail: obstacle.error.detail };
  }
}

function verdictOf(first: Obstacle | undefined, isFallback: boolean, sendAt: Date | undefined): Explanation['verdict'] {
  const verdict: TurnVerdict['do'] = first?.do ?? 'send';
  if (verdict === 'fail') return 'reject';
  if (verdict === 'hold' || sendAt) return 'hold';
  return isFallback ? 'fallback' : verdict;
}

function paceOf(limits: AccountLimits, facts: AccountFacts, now: Date): number {
  const inbound = limits.countsInbound ? facts.inbound : 0;
  return Math.round(budgetOf(limits.throughput, inbound, facts.pace, now.getTime()) * 100) / 100;
}

/** When it would leave: after what is known to hold it, and after those before it. */
function estimate(
  obstacles: readonly Obstacle[],
  ahead: number,
  perSecond: number,
  sendAt: Date | undefined,
  now: Date,
): string | null {
  let at = Math.max(now.getTime(), sendAt?.getTime() ?? 0);
  for (const obstacle of obstacles) {
    if (obstacle.do === 'fail') return null;
    if (obstacle.do !== 'hold') continue;
    if (obstacle.held.until === undefined) return null;
    at = Math.max(at, Date.parse(obstacle.held.until));
  }
  const waitMs = Number.isFinite(perSecond) ? (ahead / perSecond) * 1_000 : 0;
  return new Date(at + waitMs).toISOString();
}
