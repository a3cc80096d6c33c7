import { Inject, Injectable } from '@nestjs/common';
import type { OutcomeRow } from '../../contract/index.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { timeOfId } from '../../platform/ids/ids.js';
import type { Log } from '../../platform/logging/log.js';
import { INSTALLATION_ID, LOG } from '../../platform/platform.tokens.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { readAttemptReference } from '../attempt-reference.js';
import { classOfCategory } from '../limits/foreign-sends.js';
import { CLASS_RANKS, REPLY } from '../message-class.js';
import type { AccountReceipt } from '../receipts.service.js';
import { AccountFactsRepository, type ClassHold, NETWORK_AWAY } from './account-facts.repository.js';

/** A hold that is prolonged by less is not written again: many messages find out at the same time. */
const SAME_MS = 250;

/** A message of somebody else, whose sending we did not see, may have left so long before its receipt. */
const ON_ITS_WAY_MS = 60_000;

/**
 * What ends the holds of accounts before their time: an answer of a network that was away, and every sign that somebody has mended
 * what the network complained of. Whatever was released too soon is refused once more, and held again.
 */
@Injectable()
export class AccountHolds {
  /** the holds of all accounts at the last look; nearly always none */
  private known: readonly ClassHold[] = [];
  /** account → until when its network is known to be away, in milliseconds of Unix time */
  private readonly away = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly facts: AccountFactsRepository,
    private readonly directory: GatewayDirectory,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(INSTALLATION_ID) private readonly installationId: string,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Reads what is held, by whatever process; called every second. */
  async look(): Promise<void> {
    this.known = await this.facts.holds(this.database);
    const away = this.known.filter(({ code }) => code === NETWORK_AWAY).map(({ accountId }) => accountId);
    for (const accountId of this.away.keys()) if (!away.includes(accountId)) this.away.delete(accountId);
    for (const accountId of away) if (!this.away.has(accountId)) this.away.set(accountId, 0);
  }

  /** Calls to the network are in vain until then: nothing of the account is admitted, and then one message tries. */
  async networkAway(accountId: string, reason: string, until: Date): Promise<void> {
    if (until.getTime() - (this.away.get(accountId) ?? 0) < SAME_MS) return;
    this.away.set(accountId, until.getTime());
    const detail = `The network cannot be reached (${reason}). It is tried again.`;
    await this.facts.hold(this.database, accountId, CLASS_RANKS, {
      code: NETWORK_AWAY,
      detail,
      until,
      now: this.clock.now(),
    });
  }

  /** The network has answered a call for this account, whatever it said. */
  async networkAnswered(accountId: string): Promise<void> {
    if (!this.away.delete(accountId)) return;
    await this.facts.release(this.database, [accountId], [NETWORK_AWAY]);
    this.admission.kick(accountId);
  }

  /**
   * Something has changed for these accounts that may have mended what they are held for. Gives back those that were held, to be
   * woken after the commit.
   */
  async mended(sql: Sql, accountIds: readonly string[]): Promise<ReadonlySet<string>> {
    const codes = new Set(accountIds.flatMap((id) => [...this.mendable(id).keys()]));
    if (codes.size === 0) return new Set();
    const released = await this.facts.release(sql, accountIds, [...codes]);
    for (const account of released)
      this.log.info({ account }, 'an account is not held any more: its cause may be mended');
    return released;
  }

  /** What was held because of a gateway or an account may leave as soon as that has changed. */
  wake(gatewayId: string): void {
    for (const { id } of this.directory.byId(gatewayId)?.accounts ?? []) this.admission.kick(id);
  }

  /** A person looked after this gateway, or after one of its accounts. Not waited for: what fails here ends by time. */
  async attended(gatewayId: string): Promise<void> {
    const accountIds = (this.directory.byId(gatewayId)?.accounts ?? []).map(({ id }) => id);
    try {
      for (const accountId of await this.mended(this.database, accountIds)) this.admission.kick(accountId);
    } catch (error) {
      this.log.warn({ err: error, gateway: gatewayId }, 'could not end the holds of a gateway; they end by time');
    }
  }

  /**
   * Receipts that could not be if the cause were still there: of a message that left after the hold began, of a class that is
   * held. Gives back the accounts that were held, to be woken after the commit.
   */
  async shown(sql: Sql, receipts: readonly AccountReceipt[]): Promise<ReadonlySet<string>> {
    if (this.known.length === 0) return new Set();
    const over = new Map<string, Set<string>>();
    for (const one of receipts) {
      for (const { accountId, code } of this.known.filter((hold) => this.disproves(one, hold)))
        over.set(accountId, (over.get(accountId) ?? new Set()).add(code));
    }
    const woken = new Set<string>();
    for (const [accountId, codes] of over) {
      this.log.info({ account: accountId, codes: [...codes] }, 'a receipt shows that the account may send again');
      for (const id of await this.facts.release(sql, [accountId], [...codes])) woken.add(id);
    }
    this.known = this.known.filter(({ accountId, code }) => !over.get(accountId)?.has(code));
    return woken;
  }

  private disproves({ accountId, receipt }: AccountReceipt, hold: ClassHold): boolean {
    if (receipt.status !== 'delivered' && receipt.status !== 'read') return false;
    if ((classOfCategory(receipt.price?.category) ?? REPLY) !== hold.class) return false;
    const scope = this.mendable(hold.accountId).get(hold.code);
    if (scope === undefined) return false;
    if (accountId !== hold.accountId && !(scope === 'group' && this.areOfOneGroup(accountId, hold.accountId)))
      return false;
    const attempt = readAttemptReference(this.installationId, receipt.attempt);
    const leftAt = (attempt && timeOfId(attempt)) ?? new Date(receipt.occurredAt.getTime() - ON_ITS_WAY_MS);
    return leftAt > hold.since;
  }

  private areOfOneGroup(one: string, other: string): boolean {
    const [a, b] = [one, other].map((id) => this.directory.accountById(id)?.account);
    return a !== undefined && a.groupId === b?.groupId;
  }

  /**
   * Our codes of what can be mended, as the channel of the account declares it, and what has one fate in it. What would hold a gateway
   * holds an account only where that has credentials of its own.
   */
  private mendable(accountId: string): ReadonlyMap<string, OutcomeRow['mendable']> {
    const found = this.directory.accountById(accountId);
    const rows = [...(found?.gateway.channel(found.account.channel)?.outcomes?.values() ?? [])];
    return new Map(
      rows.flatMap(({ code, mendable, action, scope }) => {
        const until = mendable ?? (action === 'hold' && scope === 'gateway' ? ('account' as const) : undefined);
        return until ? [[code, until] as const] : [];
      }),
    );
  }
}
