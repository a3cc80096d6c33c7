import { Injectable } from '@nestjs/common';
import type { Channel, OutcomeRow, RemoteError, SendOutcome } from '../contract/index.js';
import type { Held, HeldReason } from '../dialog/message-status.js';
import type { MessageRecord } from '../dialog/message-record.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { NETWORK_AWAY } from './admission/account-facts.repository.js';
import { AccountHolds } from './admission/account-holds.service.js';
import { PersonPaces } from './admission/person-paces.repository.js';
import { timeOfId } from '../platform/ids/ids.js';
import { MAX_ATTEMPTS, MAX_UNSENT, backoffMs } from './backoff.js';
import { settleMsOf } from './doubt.js';
import { messageError, ownError } from './judge.js';
import { OutcomeEffects, sentence } from './outcome-effects.service.js';
import { AttemptRepository, type Claimed } from './attempt.repository.js';
import type { Settlement } from './settle.service.js';
import { TemplateRefusals } from './template-refusals.service.js';

export interface Attempted {
  readonly claim: Claimed;
  readonly record: MessageRecord;
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly channel: Channel;
}

const RETRY_BASE_MS = 1_000;
const LEAST_WAIT_MS = 100;

/** A pace that was refused is kept from then on: the message itself need not wait long. */
const SLOWED_MS = 1_000;

const HELD_BY: Readonly<Record<OutcomeRow['scope'], HeldReason>> = {
  gateway: 'gateway',
  account: 'account',
  class: 'account',
  portfolio: 'account',
  template: 'template',
  contact: 'pair',
  message: 'pair',
};

/** An account or gateway that has to rest is no fault of the message's: it waits for as long as that takes. */
function countsAttempt({ slows, scope }: OutcomeRow): boolean {
  return !slows && scope !== 'account' && scope !== 'gateway';
}

/** Turns what the network said into what happens next. The channel's outcome table decides; this carries it out. */
@Injectable()
export class OutcomePolicy {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly effects: OutcomeEffects,
    private readonly holds: AccountHolds,
    private readonly attempts: AttemptRepository,
    private readonly people: PersonPaces,
    private readonly templates: TemplateRefusals,
  ) {}

  async judge(attempted: Attempted, outcome: SendOutcome): Promise<Settlement> {
    switch (outcome.status) {
      case 'accepted':
        await this.holds.networkAnswered(attempted.account.id);
        return { result: 'accepted', providerId: outcome.providerId, ...attempted.claim };
      case 'unsent':
        return outcome.afterMs === undefined
          ? this.unsent(attempted, outcome.reason)
          : this.vain(attempted, outcome.reason, outcome.afterMs);
      case 'unknown':
        return this.doubt(attempted, outcome.reason);
      case 'refused':
        return this.refused(attempted, outcome.remote, outcome.afterMs);
    }
  }

  private async refused(attempted: Attempted, remote: RemoteError, afterMs: number | undefined): Promise<Settlement> {
    const { claim, record, channel, account, gateway } = attempted;
    await this.holds.networkAnswered(account.id);
    const row = this.effects.rowOf(channel, remote, account);
    const now = this.clock.now();
    const askedAt = timeOfId(claim.attemptId) ?? now;
    const named = afterMs !== undefined && { afterMs };
    const refused = { record, gateway, account, row, remote, at: now, askedAt, ...named };
    // Parking a gateway takes a connection of its own: whoever kept another meanwhile could leave none for anybody.
    const effect =
      row.scope === 'gateway'
        ? await this.effects.apply(this.database, refused)
        : await this.database.transaction((sql) => this.effects.apply(sql, refused));
    const fail = (): Settlement => ({ result: 'failed', error: messageError(row, remote), remote, ...claim });
    switch (row.action) {
      case 'retry':
        if (claim.attempt >= MAX_ATTEMPTS && countsAttempt(row)) return fail();
        return this.retry(attempted, `${row.title} (${remote.code}).`, {
          countsAttempt: countsAttempt(row),
          row,
          remote,
          ...named,
          ...(effect.until && { until: effect.until }),
        });
      case 'fallback':
        if (!record.fallback || claim.part === 'fallback') return fail();
        return {
          ...claim,
          result: 'requeued',
          part: 'fallback',
          availableAt: now,
          held: null,
          countsAttempt: true,
          remote,
          templateId: await this.templates.idOf(account.groupId, record.fallback),
        };
      case 'hold':
        return {
          ...claim,
          result: 'requeued',
          part: claim.part,
          availableAt: effect.until ?? now,
          held: {
            reason: HELD_BY[row.scope],
            detail: sentence(row),
            ...(effect.holdsUntil && { until: effect.holdsUntil.toISOString() }),
          },
          countsAttempt: false,
          remote,
        };
      case 'suppress':
      case 'fail':
        return fail();
    }
  }

  /** No connection: nothing left, so it is tried again with growing waits, for as long as a long outage takes. */
  private async unsent(attempted: Attempted, reason: string): Promise<Settlement> {
    const { claim } = attempted;
    const before = await this.attempts.countUnsent(this.database, claim.messageId);
    const detail = `The network could not be reached (${reason}).`;
    if (before + 1 >= MAX_UNSENT) {
      const error = { ...ownError(NETWORK_AWAY, 'The network could not be reached', detail), retryable: true };
      return { result: 'failed', error, ...claim };
    }
    return this.retry(attempted, detail, {
      countsAttempt: false,
      waitMs: backoffMs(before + 1, RETRY_BASE_MS, LEAST_WAIT_MS),
    });
  }

  /** The call was not even tried, since others have just found out that it is in vain: so it is for the whole account. */
  private async vain({ claim, account }: Attempted, reason: string, afterMs: number): Promise<Settlement> {
    const until = new Date(this.clock.now().getTime() + Math.max(afterMs, LEAST_WAIT_MS));
    await this.holds.networkAway(account.id, reason, until);
    return {
      ...claim,
      result: 'requeued',
      part: claim.part,
      availableAt: until,
      held: {
        reason: 'account',
        detail: `The network cannot be reached (${reason}). It is tried again.`,
        until: until.toISOString(),
      },
      countsAttempt: false,
      remote: { code: NETWORK_AWAY, message: reason },
    };
  }

  /** All lines of the person wait with it, so that nothing overtakes. */
  private async retry(
    { claim, record }: Attempted,
    detail: string,
    {
      countsAttempt,
      row,
      remote,
      waitMs: given,
      afterMs = 0,
      until,
    }: {
      countsAttempt: boolean;
      row?: OutcomeRow;
      remote?: RemoteError;
      waitMs?: number;
      afterMs?: number;
      until?: Date;
    },
  ): Promise<Settlement> {
    const now = this.clock.now();
    const grown = backoffMs(claim.attempt, row?.delayMs ?? RETRY_BASE_MS, Math.max(afterMs, LEAST_WAIT_MS));
    const waitMs = row?.slows ? Math.max(SLOWED_MS * Math.random(), afterMs) : (given ?? grown);
    const availableAt = new Date(Math.max(now.getTime() + waitMs, until?.getTime() ?? 0));
    const held: Held = {
      reason: row?.slows === 'pair' ? 'pair' : 'retry',
      detail: `${detail} It is tried again.`,
      until: availableAt.toISOString(),
    };
    const spared = {
      threadId: record.threadId,
      class: null,
      reason: held.reason,
      detail: held.detail,
      until: availableAt,
    };
    await this.people.spare(this.database, [spared]);
    return {
      ...claim,
      result: 'requeued',
      part: claim.part,
      availableAt,
      held,
      countsAttempt,
      ...(remote && { remote }),
    };
  }

  private doubt(attempted: Attempted, reason: string): Settlement {
    const { claim, record, gateway } = attempted;
    const until = new Date(
      this.clock.now().getTime() + settleMsOf(gateway.type.policies(gateway.settings), record.class),
    );
    return {
      result: 'doubted',
      held: {
        reason: 'doubt',
        detail: `It is not known whether the network took it (${reason}). Its receipt is awaited before anything else happens.`,
        until: until.toISOString(),
      },
      ...claim,
    };
  }
}
