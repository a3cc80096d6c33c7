import { AUTHENTICATION, type ClassRank, MARKETING } from '../message-class.js';

/** What a portfolio has used of its messaging limit: people that it opened outside of windows in the last 24 h. */
export interface TierState {
  /** people in 24 h; null: no limit */
  readonly limit: number | null;
  readonly used: number;
  readonly usedAuthentication: number;
  /** by utility messages, and by replies into unknown windows */
  readonly usedUtility: number;
}

/** Of the limit, kept for those that marketing must not crowd out. */
const SHARE = 0.1;

/** The network counts what nobody has told us about like the smallest portfolio. */
export const UNKNOWN_LIMIT = 250;

/**
 * How many more people a class may open. Marketing leaves both shares alone as far as they are not used yet, utility messages and
 * replies the share of codes; a code may use all there is.
 */
export function freePlaces({ limit, used, usedAuthentication, usedUtility }: TierState, rank: ClassRank): number {
  if (limit === null) return Number.POSITIVE_INFINITY;
  const share = Math.floor(limit * SHARE);
  const forAuthentication = rank === AUTHENTICATION ? 0 : Math.max(0, share - usedAuthentication);
  const forUtility = rank === MARKETING ? Math.max(0, share - usedUtility) : 0;
  return Math.max(0, limit - used - forAuthentication - forUtility);
}

/** The state after one more person was opened. */
export function withOneMore(state: TierState, rank: ClassRank): TierState {
  return {
    ...state,
    used: state.used + 1,
    usedAuthentication: state.usedAuthentication + (rank === AUTHENTICATION ? 1 : 0),
    usedUtility: state.usedUtility + (rank === AUTHENTICATION || rank === MARKETING ? 0 : 1),
  };
}
