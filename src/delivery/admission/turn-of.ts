import type { Held } from '../../dialog/message-status.js';
import { windowOf } from '../../dialog/window.js';
import { type AccountLimits, pairLimitOf } from './account-limits.js';
import type { Candidate } from './heads.repository.js';
import { type Turn, opensPerson } from './judge-turn.js';
import { type PairPace, RESTED, pairFreeAt } from './pair-pace.js';
import { type TierState, freePlaces } from './tier.js';

/** What is known of a message when its turn comes, of its person, and of what it would use up. */
export interface TurnFacts {
  readonly message: Pick<
    Candidate,
    'class' | 'kind' | 'part' | 'hasFallback' | 'lastInboundAt' | 'threadHold' | 'isGroup'
  >;
  readonly connectedSince: Date | null;
  readonly limits: AccountLimits;
  readonly pair: PairPace | null;
  readonly hasPlace: boolean;
  readonly tier: TierState | undefined;
  readonly nextPlaceAt?: Date | undefined;
  readonly obstacle?: Held | undefined;
  readonly consent?: string | undefined;
  readonly template?: Held | undefined;
}

/** The one way from what the tables say to what is judged. */
export function turnOf(facts: TurnFacts, now: Date): Turn {
  const { message, limits, connectedSince, obstacle, consent, template, nextPlaceAt } = facts;
  const window = windowOf({ durationMs: limits.windowMs, lastInboundAt: message.lastInboundAt, connectedSince }, now);
  const pair = pairLimitOf(limits, message);
  return {
    class: message.class,
    kind: message.kind,
    hasFallback: message.hasFallback && message.part === 'content',
    window,
    triesUnknown: limits.triesUnknown,
    ...(obstacle && { obstacle }),
    ...(consent !== undefined && { consent }),
    ...(template && { template }),
    ...(message.threadHold && { threadHold: message.threadHold }),
    pairFreeAt: pair ? new Date(Math.ceil(pairFreeAt(facts.pair ?? RESTED, pair, now.getTime()))) : now,
    tier: tierOf(facts, opensPerson(window)),
    ...(nextPlaceAt && { nextPlaceAt }),
  };
}

function tierOf({ limits, tier, hasPlace, message }: TurnFacts, opens: boolean): Turn['tier'] {
  if (!opens || !tier || limits.portfolioId === null) return 'uncounted';
  if (hasPlace) return 'has-place';
  return freePlaces(tier, message.class) > 0 ? 'free' : 'full';
}
