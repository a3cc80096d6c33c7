import { Injectable } from '@nestjs/common';
import type { Channel, OutcomeRow, RemoteError, SendOutcome } from '../contract/index.js';
import type { Held, MessageError } from '../dialog/message-status.js';
import type { MessageRecord } from '../dialog/message.repository.js';
import { GatewayStatusService } from '../gateway/gateway-status.service.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { AccountStanding } from './account-standing.repository.js';
import { MAX_ATTEMPTS, backoffMs } from './backoff.js';
import { settleMsOf } from './doubt.js';
import { judge, messageError } from './judge.js';
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
const ACCOUNT_HOLD_MS = 60 * 60_000;

/** Turns what the network said into what happens next. The channel's outcome table decides; this carries it out. */
@Injectable()
export class OutcomePolicy {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly accounts: AccountStanding,
    private readonly gateways: GatewayStatusService,
    private readonly templates: TemplateRefusals,
  ) {}

  async judge(attempted: Attempted, outcome: SendOutcome): Promise<Settlement> {
    switch (outcome.status) {
      case 'accepted':
        return { ...attempted.claim, result: 'accepted', providerId: outcome.providerId };
      case 'unsent':
        return this.retry(attempted, RETRY_BASE_MS, `The network could not be reached (${outcome.reason}).`, {
          countsAttempt: false,
          afterMs: outcome.afterMs,
        });
      case 'unknown':
        return this.doubt(attempted, outcome.reason);
      case 'refused':
        return this.refused(attempted, outcome.remote, outcome.afterMs);
    }
  }

  private async refused(attempted: Attempted, remote: RemoteError, afterMs: number | undefined): Promise<Settlement> {
    const { claim, record, channel, account } = attempted;
    const row = judge(channel.outcomes, remote);
    const error = messageError(row, remote);
    if (row.scope === 'template' && row.action !== 'hold') await this.templates.doubt(this.database, account.groupId);
    const fail = (): Settlement => ({ ...claim, result: 'failed', error, remote });
    switch (row.action) {
      case 'retry':
        if (claim.attempt >= MAX_ATTEMPTS) return fail();
        return this.retry(attempted, row.delayMs ?? RETRY_BASE_MS, `${row.title} (${remote.code}).`, {
          countsAttempt: true,
          afterMs,
          remote,
        });
      case 'fallback':
        if (!record.fallback || claim.part === 'fallback') return fail();
        return {
          ...claim,
          result: 'requeued',
          part: 'fallback',
          availableAt: this.clock.now(),
          held: null,
          countsAttempt: true,
          remote,
          templateId: await this.templates.idOf(account.groupId, record.fallback),
        };
      case 'hold':
        return this.hold(attempted, row, error, remote);
      case 'suppress':
      case 'fail':
        return fail();
    }
  }

  private retry(
    { claim }: Attempted,
    baseMs: number,
    detail: string,
    {
      countsAttempt,
      afterMs = 0,
      remote,
    }: { countsAttempt: boolean; afterMs?: number | undefined; remote?: RemoteError },
  ): Settlement {
    const now = this.clock.now();
    const availableAt = new Date(now.getTime() + backoffMs(claim.attempt, baseMs, Math.max(afterMs, 100)));
    const held: Held = { reason: 'retry', detail: `${detail} It is tried again.`, until: availableAt.toISOString() };
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

  /** A dead token holds the gateway, a restricted account the account, a paused template its messages; all resume by themselves when the cause is gone. */
  private async hold(
    attempted: Attempted,
    row: OutcomeRow,
    error: MessageError,
    remote: RemoteError,
  ): Promise<Settlement> {
    const { claim, record, gateway, account } = attempted;
    const now = this.clock.now();
    const back = (held: Held, availableAt: Date): Settlement => ({
      ...claim,
      result: 'requeued',
      part: claim.part,
      availableAt,
      held,
      countsAttempt: false,
      remote,
    });
    if (row.scope === 'gateway') {
      await this.gateways.park(gateway.id, `${row.title} (${remote.code}: ${remote.message})`);
      return back({ reason: 'gateway', detail: [row.title, row.advice].filter(Boolean).join('. ') }, now);
    }
    if (row.scope === 'account') {
      const until = new Date(now.getTime() + (row.delayMs ?? ACCOUNT_HOLD_MS));
      await this.accounts.hold(this.database, account.id, `${row.title} (${remote.code})`, until);
      return back(
        { reason: 'account', detail: [row.title, row.advice].filter(Boolean).join('. '), until: until.toISOString() },
        now,
      );
    }
    if (row.scope === 'template') {
      const until = this.templates.pauseEnd(row, now);
      const content = claim.part === 'fallback' ? record.fallback : record.content;
      const isKnown = await this.database.transaction((sql) =>
        this.templates.pause(sql, account.groupId, content, { until, reason: String(remote.code) }),
      );
      const held: Held = {
        reason: 'template',
        detail: [row.title, row.advice].filter(Boolean).join('. '),
        until: until.toISOString(),
      };
      // A template that we know holds its messages by itself, and lets them go when the network says so.
      return back(held, isKnown ? now : until);
    }
    return { ...claim, result: 'failed', error, remote };
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
