import { Injectable } from '@nestjs/common';
import type { Channel, OutcomeRow, RemoteError, SendOutcome } from '../contract/index.js';
import type { Held, HeldReason } from '../dialog/message-status.js';
import type { MessageRecord } from '../dialog/message.repository.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { HeadsRepository } from './admission/heads.repository.js';
import { MAX_ATTEMPTS, backoffMs } from './backoff.js';
import { settleMsOf } from './doubt.js';
import { messageError } from './judge.js';
import { OutcomeEffects, sentence } from './outcome-effects.service.js';
import type { Claimed } from './outbound.repository.js';
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

/** Turns what the network said into what happens next. The channel's outcome table decides; this carries it out. */
@Injectable()
export class OutcomePolicy {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly effects: OutcomeEffects,
    private readonly heads: HeadsRepository,
    private readonly templates: TemplateRefusals,
  ) {}

  async judge(attempted: Attempted, outcome: SendOutcome): Promise<Settlement> {
    switch (outcome.status) {
      case 'accepted':
        return { ...attempted.claim, result: 'accepted', providerId: outcome.providerId };
      case 'unsent':
        return this.retry(attempted, `The network could not be reached (${outcome.reason}).`, { countsAttempt: false });
      case 'unknown':
        return this.doubt(attempted, outcome.reason);
      case 'refused':
        return this.refused(attempted, outcome.remote, outcome.afterMs);
    }
  }

  private async refused(attempted: Attempted, remote: RemoteError, afterMs: number | undefined): Promise<Settlement> {
    const { claim, record, channel, account, gateway } = attempted;
    const row = this.effects.rowOf(channel, remote);
    const now = this.clock.now();
    const until = await this.database.transaction((sql) =>
      this.effects.apply(sql, { record, gateway, account, row, remote, at: now }),
    );
    const fail = (): Settlement => ({ ...claim, result: 'failed', error: messageError(row, remote), remote });
    const again = (): Promise<Settlement> =>
      this.retry(attempted, `${row.title} (${remote.code}).`, {
        countsAttempt: !row.slows,
        row,
        remote,
        ...(afterMs !== undefined && { afterMs }),
        ...(until && { until }),
      });
    switch (row.action) {
      case 'retry':
        if (claim.attempt >= MAX_ATTEMPTS && !row.slows) return fail();
        return again();
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
        // The hold is about other classes, and would let this one go at once to be refused again.
        if (row.classes?.every((held) => held !== record.class)) {
          return claim.attempt >= MAX_ATTEMPTS ? fail() : again();
        }
        return {
          ...claim,
          result: 'requeued',
          part: claim.part,
          availableAt: until ?? now,
          held: { reason: HELD_BY[row.scope], detail: sentence(row), ...(until && { until: until.toISOString() }) },
          countsAttempt: false,
          remote,
        };
      case 'suppress':
      case 'fail':
        return fail();
    }
  }

  /** All lines of the person wait with it, so that nothing overtakes. */
  private async retry(
    { claim, record }: Attempted,
    detail: string,
    {
      countsAttempt,
      row,
      remote,
      afterMs = 0,
      until,
    }: { countsAttempt: boolean; row?: OutcomeRow; remote?: RemoteError; afterMs?: number; until?: Date },
  ): Promise<Settlement> {
    const now = this.clock.now();
    const waitMs = row?.slows
      ? SLOWED_MS * Math.random()
      : backoffMs(claim.attempt, row?.delayMs ?? RETRY_BASE_MS, Math.max(afterMs, 100));
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
    await this.heads.spare(this.database, [spared]);
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
      ...claim,
      result: 'doubted',
      held: {
        reason: 'doubt',
        detail: `It is not known whether the network took it (${reason}). Its receipt is awaited before anything else happens.`,
        until: until.toISOString(),
      },
    };
  }
}
