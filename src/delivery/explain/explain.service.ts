import { Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import { type Content, isTemplate } from '../../contract/index.js';
import type { Held } from '../../dialog/message-status.js';
import { type Window, windowOf, windowView } from '../../dialog/window.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';
import { type Template, TemplateRepository } from '../../template/template.repository.js';
import { EntryReader } from '../accept/entry-reader.service.js';
import { judgeReach } from '../accept/judge-reach.js';
import { judgePassage } from '../accept/message-writer.service.js';
import type { MessageBody } from '../accept/message.dto.js';
import { PrepareService } from '../accept/prepare.service.js';
import { RecipientResolver } from '../accept/recipient-resolver.service.js';
import { orThrow } from '../accept/refusable.js';
import type { Entry, Prepared } from '../accept/submission.js';
import { type AccountFacts, AccountFactsRepository } from '../admission/account-facts.repository.js';
import { type AccountLimits, limitsOf } from '../admission/account-limits.js';
import { budgetOf } from '../admission/account-pace.js';
import { type Asked, ConsentObstacles } from '../admission/consent-obstacles.service.js';
import { type TurnVerdict, obstaclesOf, opensPerson } from '../admission/judge-turn.js';
import { TierLedger } from '../admission/tier-ledger.repository.js';
import { type TierState, freePlaces } from '../admission/tier.js';
import { turnOf } from '../admission/turn-of.js';
import { type ClassRank, NATIVE, kindOf, rankOfClass } from '../message-class.js';
import { ExplainRepository, type PersonFacts } from './explain.repository.js';
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
    let standing: Standing | undefined;
    try {
      const [entry] = await this.entries.address([this.entries.read(principal, body)]);
      standing = await this.standing(orThrow(entry));
      const [prepared] = await this.preparing.prepareAll([orThrow(entry)]);
      return await this.turn(orThrow(prepared), standing);
    } catch (error) {
      if (!(error instanceof Problem) || error.status === 400) throw error;
      return rejected(error, standing);
    }
  }

  /** What holds whatever the message says: the account, the person, and the limits that they share. */
  private async standing({ submission: { gateway, sender }, recipient }: Entry): Promise<Standing> {
    const { account } = sender;
    const now = this.clock.now();
    const limits = limitsOf(gateway, account);
    const [known] = await this.resolver.known([{ accountId: account.id, recipient }]);
    const lastInboundAt = known?.lastInboundAt ?? null;
    const contactId = known?.contactId;
    const { portfolioId, windowMs } = limits;
    const connectedSince = account.connectedSince ?? null;
    return {
      now,
      limits,
      lastInboundAt,
      connectedSince,
      ...(contactId !== undefined && { contactId }),
      window: windowOf({ durationMs: windowMs, lastInboundAt, connectedSince }, now),
      facts: await this.facts.load(this.database, account.id, now),
      ...(portfolioId !== null && { tier: await this.ledger.read(this.database, portfolioId) }),
      hasPlace:
        contactId !== undefined &&
        portfolioId !== null &&
        (await this.ledger.placed(this.database, portfolioId, [contactId])).has(contactId),
    };
  }

  private async turn(prepared: Prepared, standing: Standing): Promise<Explanation> {
    const { submission } = prepared;
    const { account } = submission.sender;
    const { now, limits, lastInboundAt, connectedSince, contactId, facts, tier, hasPlace } = standing;
    const passage = judgePassage(submission, lastInboundAt, now);
    const rank = rankOfClass(passage.class);
    const going: Content = (passage.part === 'fallback' ? submission.fallback : undefined) ?? submission.content;
    const person = await this.people.person(account.id, contactId, rank, now);
    judgeReach(person);
    const template = await this.template(prepared, going);
    const turn = turnOf(
      {
        message: {
          class: rank,
          kind: passage.late ? NATIVE : kindOf(going),
          part: passage.part,
          hasFallback: submission.fallback !== undefined,
          lastInboundAt,
          threadHold: person.threadHold,
          isGroup: person.isGroup,
        },
        connectedSince,
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
      reasons.unshift({ code: 'schedule', detail: 'It is to leave at sendAt, and not before.', until });
    }
    const ahead = (await this.people.ahead(account.id, rank)) + person.inLine;
    if (ahead > 0) reasons.push(orderReason(ahead, person.lineHeld));
    const perSecond = paceOf(limits, facts, now);
    return {
      verdict: verdictOf(obstacles[0], passage.part === 'fallback', submission.sendAt),
      reasons,
      ...viewOf(standing, rank),
      class: passage.class,
      estimatedAt: estimate({ obstacles, lineHeld: person.lineHeld, ahead, perSecond, sendAt: submission.sendAt, now }),
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

interface Standing {
  readonly now: Date;
  readonly limits: AccountLimits;
  readonly lastInboundAt: Date | null;
  readonly connectedSince: Date | null;
  /** absent: a stranger */
  readonly contactId?: string;
  readonly window: Window;
  readonly facts: AccountFacts;
  readonly tier?: TierState & { readonly nextPlaceAt: Date | null };
  readonly hasPlace: boolean;
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

function rejected({ code, message }: Problem, standing: Standing | undefined): Explanation {
  const reasons = [{ code, detail: message }];
  const view = standing ? viewOf(standing) : { window: null, tier: null, pace: null };
  return { verdict: 'reject', reasons, ...view, class: null, estimatedAt: null };
}

/** Without a class, what is free is what is not used. */
function viewOf(
  { limits, window, tier, hasPlace, facts, now }: Standing,
  rank?: ClassRank,
): Pick<Explanation, 'window' | 'tier' | 'pace'> {
  const freeFor = (state: TierState): number =>
    rank === undefined ? Math.max(0, (state.limit ?? 0) - state.used) : freePlaces(state, rank);
  return {
    window: windowView(window),
    tier: tier
      ? {
          portfolio: limits.portfolioId,
          limit: tier.limit,
          used: tier.used,
          free: tier.limit === null ? null : freeFor(tier),
          needsPlace: opensPerson(window) && !hasPlace,
        }
      : null,
    pace: Number.isFinite(limits.throughput)
      ? { perSecond: paceOf(limits, facts, now), throughput: limits.throughput, inbound: facts.inbound }
      : null,
  };
}

function orderReason(ahead: number, lineHeld: PersonFacts['lineHeld']): Reason {
  const detail = `Messages of this class or a better one that go before it: ${ahead}.`;
  if (!lineHeld) return { code: 'order', detail };
  const held = ` One of them is to the same person and held (${lineHeld.reason}): it goes after that one.`;
  return { code: 'order', detail: detail + held, ...(lineHeld.until && { until: lineHeld.until.toISOString() }) };
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

interface Wait {
  readonly obstacles: readonly Obstacle[];
  readonly lineHeld: PersonFacts['lineHeld'];
  readonly ahead: number;
  readonly perSecond: number;
  readonly sendAt: Date | undefined;
  readonly now: Date;
}

/** When it would leave: after what is known to hold it, and after those before it. */
function estimate({ obstacles, lineHeld, ahead, perSecond, sendAt, now }: Wait): string | null {
  let at = Math.max(now.getTime(), sendAt?.getTime() ?? 0);
  for (const obstacle of obstacles) {
    if (obstacle.do === 'fail') return null;
    if (obstacle.do !== 'hold') continue;
    if (obstacle.held.until === undefined) return null;
    at = Math.max(at, Date.parse(obstacle.held.until));
  }
  if (lineHeld) {
    if (!lineHeld.until) return null;
    at = Math.max(at, lineHeld.until.getTime());
  }
  const waitMs = Number.isFinite(perSecond) ? (ahead / perSecond) * 1_000 : 0;
  return new Date(at + waitMs).toISOString();
}
