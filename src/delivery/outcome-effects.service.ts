import { Inject, Injectable } from '@nestjs/common';
import type { Channel, OutcomeRow, RemoteError } from '../contract/index.js';
import { CONSENT_HOW } from '../dialog/consent/consent.js';
import { Consents } from '../dialog/consent/consents.service.js';
import type { MessageRecord } from '../dialog/message-record.js';
import { ThreadRepository } from '../dialog/thread.repository.js';
import { AccountSecretRepository } from '../gateway/account-secret.repository.js';
import { GatewayStatusService } from '../gateway/gateway-status.service.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import { portfolioOf } from '../gateway/account-limits.js';
import { OutboundMedia } from '../media/outbound/outbound-media.service.js';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { AccountFactsRepository } from './admission/account-facts.repository.js';
import { lowered } from './admission/account-pace.js';
import { PersonPaces } from './admission/person-paces.repository.js';
import { Places } from './admission/places.service.js';
import { RESTED, afterPairRefusal } from './admission/pair-pace.js';
import { findRow, judge } from './judge.js';
import { CLASS_RANKS, type ClassRank, type MessageClass, rankOfClass } from './message-class.js';
import { contentOf } from './sender-files.service.js';
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
  /** when it was asked, which may have been with other settings than now */
  readonly askedAt: Date;
  /** the network names a time: before then another try is in vain */
  readonly afterMs?: number;
}

/** What was done to others, as far as it concerns the next turn of the message itself. */
export interface Effect {
  /** its line waits until then; absent: nothing but what holds the others keeps it */
  readonly until?: Date;
  /** when that ends, where it is known */
  readonly holdsUntil?: Date;
}

/** How long a hold lasts when the table names no time: then the network is asked again. */
const HOLD_MS = 60 * 60_000;

/** A gateway or account that made too many calls rests at least this long. */
const REST_MS = 2_000;

/** A message that meets what holds other classes only: they may be free to go, so it is tried, but not at once. */
const TRY_AGAIN_MS = 5 * 60_000;

/** Whoever was refused with settings that were just replaced may still have used the old ones. */
const SETTLED_MS = 1_000;

const NOTHING: Effect = {};

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
    private readonly secrets: AccountSecretRepository,
    private readonly facts: AccountFactsRepository,
    private readonly people: PersonPaces,
    private readonly places: Places,
    private readonly templates: TemplateRefusals,
    private readonly consents: Consents,
    private readonly media: OutboundMedia,
    private readonly threads: ThreadRepository,
    private readonly metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * The channel's own row, or what the HTTP class says; a code that is new to us is counted, and logged once. What is wrong with
   * the credentials of an account that has its own is about that account, and its gateway's are another matter.
   */
  rowOf(
    channel: Pick<Channel, 'channel' | 'outcomes'> | undefined,
    remote: RemoteError,
    account?: Pick<LoadedAccount, 'credential'>,
  ): OutcomeRow {
    const outcomes = channel?.outcomes ?? new Map<string, OutcomeRow>();
    if (!findRow(outcomes, remote)) {
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
    const row = judge(outcomes, remote);
    const isOwn = account?.credential !== undefined && row.action === 'hold' && row.scope === 'gateway';
    return isOwn ? { ...row, scope: 'account' } : row;
  }

  /** Idempotent enough to be done again: holds only grow longer. */
  async apply(sql: Sql, refused: Refused): Promise<Effect> {
    const { row } = refused;
    await this.forgetUploads(sql, refused);
    if (row.slows) return this.slowDown(sql, refused);
    switch (row.action) {
      case 'retry':
        return this.rest(sql, refused);
      case 'hold':
        return this.hold(sql, refused);
      case 'fail':
      case 'fallback':
        if (row.lost) await this.lose(sql, refused);
        if (row.scope === 'template') await this.templates.doubt(sql, refused.account.groupId);
        return NOTHING;
      case 'suppress':
        await this.suppress(sql, refused);
        return NOTHING;
    }
  }

  /** In whole seconds, as networks tell when somebody comes back: that may be in the same one. */
  private async lose(sql: Sql, { record: { threadId }, at }: Refused): Promise<void> {
    const second = new Date(Math.floor(at.getTime() / 1_000) * 1_000);
    await this.threads.setReach(sql, [{ threadId, isLost: true, at: second }]);
  }

  /** Told in the answer or later: the next message brings its file anew. */
  private async forgetUploads(sql: Sql, { record, gateway, account, remote }: Refused): Promise<void> {
    const facet = gateway.channel(account.channel)?.media;
    await this.media.forget(sql, contentOf(record, record.part), { account, facet }, remote, record.createdAt);
  }

  /** The person stopped marketing: that is a word of theirs, and kept as one. */
  private async suppress(sql: Sql, { record, remote, at }: Refused): Promise<void> {
    const what = `${remote.code} ${remote.message}`;
    const change = { topic: 'marketing' as const, state: 'out' as const, how: CONSENT_HOW.network, what, at };
    const effect = await this.consents.record(
      sql,
      [{ contactId: record.contactId, messageId: record.id, ...change }],
      this.clock.now(),
    );
    this.consents.wake(effect);
  }

  private async slowDown(sql: Sql, { row, record, account, at }: Refused): Promise<Effect> {
    if (row.slows === 'account') {
      await this.facts.lowerPace(sql, account.id, (pace) => lowered(pace, at.getTime()));
      return NOTHING;
    }
    const before = (await this.people.pairOf(sql, record.threadId)) ?? RESTED;
    const { pace, until } = afterPairRefusal(before, at.getTime());
    await this.people.savePairs(sql, new Map([[record.threadId, pace]]));
    const end = new Date(until);
    const detail = 'The network asked to leave this person alone for a moment.';
    await this.people.spare(sql, [{ threadId: record.threadId, class: null, reason: 'pair', detail, until: end }]);
    return { until: end };
  }

  /** A passing fault of a whole account or gateway: everybody who would meet it waits. */
  private async rest(sql: Sql, { row, gateway, account, remote, at, afterMs = 0 }: Refused): Promise<Effect> {
    if (row.scope !== 'account' && row.scope !== 'gateway') return NOTHING;
    const until = new Date(at.getTime() + Math.max(row.delayMs ?? 0, afterMs, REST_MS));
    if (until <= this.clock.now()) return NOTHING;
    const accounts = row.scope === 'account' ? [account] : gateway.accounts;
    for (const { id } of accounts) await this.holdClasses(sql, id, CLASS_RANKS, row, remote, until);
    return { until };
  }

  private async hold(sql: Sql, refused: Refused): Promise<Effect> {
    const { row, record, gateway, account, remote, at, askedAt } = refused;
    const until = new Date(at.getTime() + (row.delayMs ?? HOLD_MS));
    // What is told too late to hold anything may have been mended since: the next answer says so again.
    if (until <= this.clock.now()) {
      if (row.scope === 'template') await this.templates.doubt(sql, account.groupId);
      return NOTHING;
    }
    const own = rankOfClass((record.class ?? 'marketing') as MessageClass);
    // Told of a credential that was replaced meanwhile: the message goes again, and the new one speaks for itself.
    if (isAboutOwnCredential(refused) && !(await this.secrets.isCurrent(sql, account)))
      return { until: new Date(this.clock.now().getTime() + SETTLED_MS) };
    const classes = row.classes?.map(rankOfClass) ?? (row.scope === 'class' ? [own] : CLASS_RANKS);
    switch (row.scope) {
      case 'gateway':
        await this.gateways.park(gateway.id, `${row.title} (${remote.code}: ${remote.message})`, askedAt);
        return { until: new Date(this.clock.now().getTime() + SETTLED_MS) };
      case 'account':
      case 'class':
      case 'portfolio': {
        for (const id of this.heldAccounts(refused)) await this.holdClasses(sql, id, classes, row, remote, until);
        if (classes.includes(own)) return { holdsUntil: until };
        const again = new Date(Math.min(until.getTime(), this.clock.now().getTime() + TRY_AGAIN_MS));
        await this.spare(sql, refused, [own], 'account', again);
        return { until: again, holdsUntil: again };
      }
      case 'template':
        return this.pause(sql, refused, until);
      case 'contact':
      case 'message':
        await this.spare(sql, refused, row.classes ? [...new Set([...classes, own])] : [own], 'pair', until);
        return { until, holdsUntil: until };
    }
  }

  private heldAccounts({ row, gateway, account }: Refused): readonly string[] {
    if (row.scope !== 'portfolio') return [account.id];
    return this.places.accountsOf(new Set([portfolioOf(gateway, account)]));
  }

  /** A template that we know holds its messages by itself, and lets them go when the network says so. */
  private async pause(sql: Sql, { record, account, remote }: Refused, until: Date): Promise<Effect> {
    const content = record.part === 'fallback' ? record.fallback : record.content;
    const told = { until, reason: String(remote.code) };
    const isKnown = await this.templates.pause(sql, account.groupId, content, told);
    return { holdsUntil: until, ...(!isKnown && { until }) };
  }

  private async spare(
    sql: Sql,
    { row, record }: Refused,
    classes: readonly ClassRank[],
    reason: 'pair' | 'account',
    until: Date,
  ): Promise<void> {
    const detail = sentence(row);
    await this.people.spare(
      sql,
      classes.map((one) => ({ threadId: record.threadId, class: one, reason, detail, until })),
    );
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

function isAboutOwnCredential({ gateway, account, remote }: Refused): boolean {
  const row = findRow(gateway.channel(account.channel)?.outcomes ?? new Map(), remote);
  return account.credential !== undefined && row?.scope === 'gateway';
}

export function sentence({ title, advice }: OutcomeRow): string {
  return [title, advice].filter(Boolean).join('. ');
}
