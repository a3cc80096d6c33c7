import { Inject, Injectable } from '@nestjs/common';
import type { Channel, OutcomeRow, RemoteError } from '../contract/index.js';
import { CONSENT_HOW } from '../dialog/consent/consent.js';
import { Consents } from '../dialog/consent/consents.service.js';
import type { MessageRecord } from '../dialog/message.repository.js';
import { GatewayStatusService } from '../gateway/gateway-status.service.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import { portfolioOf } from '../gateway/account-limits.js';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { AccountFactsRepository } from './admission/account-facts.repository.js';
import { lowered } from './admission/account-pace.js';
import { HeadsRepository } from './admission/heads.repository.js';
import { Places } from './admission/places.service.js';
import { RESTED, afterPairRefusal } from './admission/pair-pace.js';
import { judge } from './judge.js';
import { CLASS_RANKS, type ClassRank, type MessageClass, rankOfClass } from './message-class.js';
import { TemplateRefusals } from './template-refusals.service.js';

/** Whom and what a refusal is about. */
export interface Refused {
  readonly record: MessageRecord;
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly row: OutcomeRow;
  readonly remote: RemoteError;
  /** when the network said so: now for an answer, its own time for a late receipt */
  readonly at: Date;
}

/** How long a hold lasts when the table names no time: then the network is asked again. */
const HOLD_MS = 60 * 60_000;

/** A gateway or account that made too many calls rests at least this long. */
const REST_MS = 2_000;

/**
 * What a refusal means for others than the message itself: an account slows down, a class, a person or a template is left
 * alone for a while, a gateway stops. The same whether the code came in the answer or later in a receipt.
 */
@Injectable()
export class OutcomeEffects {
  private readonly unknown = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly gateways: GatewayStatusService,
    private readonly facts: AccountFactsRepository,
    private readonly heads: HeadsRepository,
    private readonly places: Places,
    private readonly templates: TemplateRefusals,
    private readonly consents: Consents,
    private readonly metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** The channel's own row, or what the HTTP class says; a code that is new to us is counted, and logged once. */
  rowOf(channel: Pick<Channel, 'channel' | 'outcomes'> | undefined, remote: RemoteError): OutcomeRow {
    const outcomes = channel?.outcomes ?? new Map<string, OutcomeRow>();
    if (!outcomes.has(remote.code)) {
      const name = channel?.channel ?? '';
      this.metrics.unknownCodes.inc({ channel: name });
      const key = `${name}|${remote.code}`;
      if (!this.unknown.has(key) && this.unknown.size < 1_000) {
        this.unknown.add(key);
        this.log.warn(
          { channel: name, code: remote.code, message: remote.message },
          'the network refused with a code that is new to us',
        );
      }
    }
    return judge(outcomes, remote);
  }

  /**
   * Gives back until when the message itself must wait for what was done, where that is known: undefined when nothing that was
   * done concerns its turn.
   */
  async apply(sql: Sql, refused: Refused): Promise<Date | undefined> {
    const { row } = refused;
    if (row.slows) return this.slowDown(sql, refused);
    switch (row.action) {
      case 'retry':
        return this.rest(sql, refused);
      case 'hold':
        return this.hold(sql, refused);
      case 'fail':
      case 'fallback':
        if (row.scope === 'template') await this.templates.doubt(sql, refused.account.groupId);
        return undefined;
      case 'suppress':
        await this.suppress(sql, refused);
        return undefined;
    }
  }

  /** The person stopped marketing: that is a word of theirs, and kept as one. */
  private async suppress(sql: Sql, { record, remote, at }: Refused): Promise<void> {
    const what = `${remote.code} ${remote.message}`;
    const change = { topic: 'marketing' as const, state: 'out' as const, how: CONSENT_HOW.network, what, at };
    const effect = await this.consents.record(
      sql,
      [{ ...change, contactId: record.contactId, messageId: record.id }],
      this.clock.now(),
    );
    this.consents.wake(effect);
  }

  private async slowDown(sql: Sql, { row, record, account, at }: Refused): Promise<Date | undefined> {
    if (row.slows === 'account') {
      await this.facts.lowerPace(sql, account.id, (pace) => lowered(pace, at.getTime()));
      return undefined;
    }
    const before = (await this.heads.pairOf(sql, record.threadId)) ?? RESTED;
    const { pace, until } = afterPairRefusal(before, at.getTime());
    await this.heads.savePairs(sql, new Map([[record.threadId, pace]]));
    const end = new Date(until);
    const detail = 'The network asked to leave this person alone for a moment.';
    await this.heads.spare(sql, [{ threadId: record.threadId, class: null, reason: 'pair', detail, until: end }]);
    return end;
  }

  /** A passing fault of a whole account or gateway: everybody who would meet it waits. */
  private async rest(sql: Sql, { row, gateway, account, remote, at }: Refused): Promise<Date | undefined> {
    if (row.scope !== 'account' && row.scope !== 'gateway') return undefined;
    const until = new Date(at.getTime() + Math.max(row.delayMs ?? 0, REST_MS));
    if (until <= this.clock.now()) return undefined;
    const accounts = row.scope === 'account' ? [account] : gateway.accounts;
    for (const { id } of accounts) await this.holdClasses(sql, id, CLASS_RANKS, row, remote, until);
    return until;
  }

  private async hold(sql: Sql, refused: Refused): Promise<Date | undefined> {
    const { row, record, gateway, account, remote, at } = refused;
    const until = new Date(at.getTime() + (row.delayMs ?? HOLD_MS));
    const isOver = until <= this.clock.now();
    const classes = (row.classes ?? classesOf(row, record)).map(rankOfClass);
    switch (row.scope) {
      case 'gateway':
        // What is told too late to hold anything may have been mended since: the next answer says so again.
        if (!isOver) await this.gateways.park(gateway.id, `${row.title} (${remote.code}: ${remote.message})`);
        return undefined;
      case 'account':
      case 'class':
        if (!isOver) await this.holdClasses(sql, account.id, classes, row, remote, until);
        return undefined;
      case 'portfolio':
        if (isOver) return undefined;
        for (const id of this.places.accountsOf(new Set([portfolioOf(gateway, account)])))
          await this.holdClasses(sql, id, classes, row, remote, until);
        return undefined;
      case 'template': {
        const end = this.templates.pauseEnd(row, at);
        if (end <= this.clock.now()) {
          // What is told too late to hold anything is a reason to ask.
          await this.templates.doubt(sql, account.groupId);
          return undefined;
        }
        const content = record.part === 'fallback' ? record.fallback : record.content;
        const isKnown = await this.templates.pause(sql, account.groupId, content, {
          until: end,
          reason: String(remote.code),
        });
        // A template that we know holds its messages by itself, and lets them go when the network says so.
        return isKnown ? undefined : end;
      }
      case 'contact':
      case 'message': {
        const only = rankOfClass((record.class ?? 'marketing') as MessageClass);
        await this.heads.spare(sql, [
          { threadId: record.threadId, class: only, reason: 'pair', detail: sentence(row), until },
        ]);
        return until;
      }
    }
  }

  private async holdClasses(
    sql: Sql,
    accountId: string,
    classes: readonly ClassRank[],
    row: OutcomeRow,
    remote: RemoteError,
    until: Date,
  ): Promise<void> {
    const detail = `${sentence(row)} (${remote.code})`;
    await this.facts.hold(sql, accountId, classes, { code: row.code, detail, until, now: this.clock.now() });
    this.log.warn({ account: accountId, code: remote.code, classes, until }, 'the network holds an account');
  }
}

export function sentence({ title, advice }: OutcomeRow): string {
  return [title, advice].filter(Boolean).join('. ');
}

/** A hold of a class without a list stops the class of the message; any other stops them all. */
function classesOf(row: OutcomeRow, record: MessageRecord): readonly MessageClass[] {
  if (row.scope === 'class') return [(record.class ?? 'marketing') as MessageClass];
  return ['authentication', 'reply', 'utility', 'marketing'];
}
