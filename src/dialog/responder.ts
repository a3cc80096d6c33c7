/**
 * Who answers a conversation, where the network lets several systems share a number: we, or another responder, because the
 * network said so (`handover`) or because its traffic came as a copy for those who stand by (`standby`).
 */
export interface ThreadResponder {
  readonly who: 'us' | 'handover' | 'standby';
  /** by the network's clock: older news changes nothing */
  readonly at: Date;
}

/** What a message tells of who answers. */
export interface ResponderNews {
  readonly at: Date;
  /** it came as a copy: another responder owns the conversation */
  readonly standby?: true;
  /** it tells that the owner changed */
  readonly handover?: 'us' | 'other';
}

/** A conversation in which the customer was silent for so long belongs to nobody. */
const IDLE_MS = 24 * 3_600_000;

/**
 * Who answers after a message. A handover stands until the next one, or until the customer has been silent for a day; what only
 * traffic showed ends with the first newer message that comes to us.
 *
 * @param silentSince when the customer had written last, before this message
 */
export function responderAfter(
  current: ThreadResponder | null,
  { at, standby, handover }: ResponderNews,
  silentSince: Date | null,
): ThreadResponder | null {
  if (current && at < current.at) return current;
  if (handover) return { who: handover === 'us' ? 'us' : 'handover', at };
  if (standby) return current?.who === 'handover' ? current : { who: 'standby', at };
  if (!current || current.who === 'us' || at.getTime() === current.at.getTime()) return current;
  const isIdle = silentSince !== null && at.getTime() - silentSince.getTime() > IDLE_MS;
  return current.who === 'standby' || isIdle ? { who: 'us', at } : current;
}

export function isOurs(responder: ThreadResponder | null): boolean {
  return responder === null || responder.who === 'us';
}

/** An operator who took a dialog over from the bot. */
export interface Assignment {
  /** who, in the words of whoever assigned it */
  readonly to: string;
  readonly since: Date;
  /** null: until it is released */
  readonly until: Date | null;
}

/** Whether the bot answers in a dialog, and what stops it. */
export interface BotStanding {
  readonly isStandby: boolean;
  readonly pausedUntil: Date | null;
  readonly pausedBy: string | null;
  /** the last one, perhaps over by now: see {@link assignmentAt} */
  readonly assignment: Assignment | null;
}

export const NOBODY_ELSE: BotStanding = { isStandby: false, pausedUntil: null, pausedBy: null, assignment: null };

/** The columns of a dialog that say whether its bot answers. */
export interface StandingRow {
  readonly responder: string | null;
  readonly bot_paused_until: Date | null;
  readonly bot_paused_by: string | null;
  readonly assigned_to: string | null;
  readonly assigned_at: Date | null;
  readonly assigned_until: Date | null;
}

export function standingOf(row: StandingRow): BotStanding {
  const { assigned_to: to, assigned_at: since, assigned_until: until } = row;
  return {
    isStandby: row.responder !== null && row.responder !== 'us',
    pausedUntil: row.bot_paused_until,
    pausedBy: row.bot_paused_by,
    assignment: to !== null && since !== null ? { to, since, until } : null,
  };
}

/** The operator who has the dialog at this time. */
export function assignmentAt({ assignment }: Pick<BotStanding, 'assignment'>, at: Date): Assignment | null {
  return assignment && (assignment.until === null || assignment.until > at) ? assignment : null;
}

/**
 * Whether the bot is not told of a message that was written at this time. By the time of writing: what a customer wrote while a
 * human answered is not the bot's, also when it is processed after that.
 */
export function isPausedAt(bot: Pick<BotStanding, 'pausedUntil' | 'assignment'>, at: Date): boolean {
  return (bot.pausedUntil !== null && bot.pausedUntil > at) || assignmentAt(bot, at) !== null;
}

/**
 * The wire form, as in `dialog.bot`. `until` is absent while another responder owns the conversation, and while an operator has
 * it until they let go.
 */
export function botView(bot: BotStanding, now: Date): { paused: boolean; reason?: string; until?: string } {
  if (bot.isStandby) return { paused: true, reason: 'standby' };
  if (!isPausedAt(bot, now)) return { paused: false };
  const assignment = assignmentAt(bot, now);
  if (!assignment)
    return { paused: true, reason: bot.pausedBy ?? 'human', until: (bot.pausedUntil as Date).toISOString() };
  return { paused: true, reason: 'operator', ...(assignment.until && { until: assignment.until.toISOString() }) };
}

/** The wire form, as in `dialog.assignee`; undefined when nobody has the dialog. */
export function assigneeView(bot: BotStanding, now: Date): object | undefined {
  const assignment = assignmentAt(bot, now);
  if (!assignment) return undefined;
  const { to, since, until } = assignment;
  return { to, since: since.toISOString(), ...(until && { until: until.toISOString() }) };
}
