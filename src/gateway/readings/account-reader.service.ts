import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { CallOutcome, RefreshFacet } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Config } from '../../platform/config/config.js';
import type { Sql } from '../../platform/database/database.js';
import type { Log } from '../../platform/logging/log.js';
import { CONFIG, LOG } from '../../platform/platform.tokens.js';
import { callProvider, mapFew } from '../call-provider.js';
import { GatewayDirectory } from '../gateway-directory.js';
import { GatewayHooks } from '../gateway-hooks.js';
import type { LoadedAccount, LoadedGateway } from '../loaded-gateway.js';
import { ApplyReading } from './apply-reading.service.js';
import { AccountSyncRepository, type ReadingClaim } from './account-sync.repository.js';
import { CredentialChecks } from './credential-checks.service.js';

/** Readings spread out by so much of their interval, so that many groups do not come due together. */
const JITTER = 0.2;
/** After failures the waits double, up to this. */
const LONGEST_WAIT_MS = 6 * 60 * 60_000;

/**
 * Reads how accounts are doing: a group in one go with the gateway's credentials, and each account that has its own alone with
 * those. One reading per group at a time in the whole installation; one that fails leaves what was there. With it goes the question
 * whether the credentials still work.
 */
@Injectable()
export class AccountReader implements OnModuleInit {
  private readonly everyMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly syncs: AccountSyncRepository,
    private readonly applying: ApplyReading,
    private readonly credentials: CredentialChecks,
    private readonly hooks: GatewayHooks,
    @Inject(CONFIG) config: Config,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.everyMs = config.accountRefreshSeconds * 1_000;
  }

  /** Whoever has set something may have mended what readings failed by. */
  onModuleInit(): void {
    this.hooks.onAttended((gatewayId) => {
      this.syncs.wantOfGateway(gatewayId, this.clock.now()).catch((error: unknown) => {
        this.log.warn({ err: error, gateway: gatewayId }, 'could not ask for a reading; the schedule will');
      });
    });
  }

  /** In the transaction of a setup: what it has just read is not read again before its time. */
  async described(sql: Sql, gateway: LoadedGateway, channel: string, readAt: Date): Promise<void> {
    if (!gateway.channel(channel)?.accounts.refresh) return;
    await this.syncs.described(sql, gateway.id, channel, { readAt, nextAt: this.nextAt(readAt) });
  }

  /** What is due; nothing when another process is at it. */
  async readGroup(groupId: string): Promise<void> {
    const now = this.clock.now();
    const claim = await this.syncs.claim(groupId, now, this.nextAt(now));
    if (!claim) return;
    const gateway = this.directory.byId(claim.gatewayId);
    const refresh = gateway?.channel(claim.channel)?.accounts.refresh;
    if (gateway && isIdle(gateway, claim)) {
      await this.credentials.check(gateway, [], claim.isFirst);
      return this.syncs.postpone(claim);
    }
    const outcome: CallOutcome<number | undefined> =
      gateway && refresh
        ? await this.read(claim, gateway, refresh)
        : { status: 'unreachable', reason: 'the gateway is not loaded, or its channel cannot be read anew' };
    if (outcome.status !== 'ok') return this.fail(claim, reasonOf(outcome));
    const restMs = outcome.value;
    await this.syncs.finish(claim, restMs === undefined ? undefined : new Date(now.getTime() + restMs));
    if (restMs !== undefined)
      this.log.info({ group: claim.group, restMs }, 'the network’s hourly calls are nearly used: readings wait');
  }

  /** One account, now; undefined when its channel cannot do that. */
  async readAccount(gateway: LoadedGateway, account: LoadedAccount): Promise<CallOutcome<void> | undefined> {
    const refresh = gateway.channel(account.channel)?.accounts.refresh;
    if (!refresh) return undefined;
    const readAt = this.clock.now();
    const outcome = await callProvider(this.log, () => refresh.account(gateway.interactiveAccountCall(account)));
    if (outcome.status !== 'ok') return outcome;
    await this.applying.apply({ gateway, channel: account.channel, accounts: [outcome.value.found], readAt });
    return { status: 'ok', value: undefined };
  }

  /** For how long the network wants to be left alone then, where it does. */
  private async read(
    claim: ReadingClaim,
    gateway: LoadedGateway,
    refresh: RefreshFacet,
  ): Promise<CallOutcome<number | undefined>> {
    const { channel, group, startedAt: readAt } = claim;
    const members = gateway.accounts.filter((each) => each.channel === channel && each.group === group);
    const own = members.filter((account) => gateway.needsOwnCredential(account));
    const together =
      own.length === members.length && own.length > 0
        ? undefined
        : await callProvider(this.log, () => refresh.group(group, gateway.call()));
    const alone = await mapFew(own, (account) =>
      callProvider(this.log, () => refresh.account(gateway.accountCall(account))),
    );
    const readings = alone.flatMap((outcome) => (outcome.status === 'ok' ? [outcome.value] : []));
    const shared = together?.status === 'ok' ? together.value : undefined;
    const ownAddresses = new Set(own.map(({ address }) => address));
    const accounts = [
      ...(shared?.found.accounts.filter(({ address }) => !ownAddresses.has(address)) ?? []),
      ...readings.map(({ found }) => found),
    ];
    try {
      await this.applying.apply({ gateway, channel, accounts, ...(shared && { group: shared.found }), readAt });
    } catch (error) {
      this.log.error({ err: error, group }, 'what was read of a group could not be stored');
      return { status: 'unreachable', reason: 'it could not be stored' };
    }
    await this.credentials.check(gateway, own, claim.isFirst);
    // An account whose own credential fails is warned of by itself; its neighbours are read as before.
    const [first] = alone;
    const decisive = together ?? (readings.length === 0 ? first : undefined);
    if (decisive && decisive.status !== 'ok') return decisive;
    const rests = [shared, ...readings].flatMap((reading) => reading?.restMs ?? []);
    return { status: 'ok', value: rests.length > 0 ? Math.max(...rests) : undefined };
  }

  private async fail(claim: ReadingClaim, reason: string): Promise<void> {
    this.log.warn({ group: claim.group, reason }, 'the accounts of a group could not be read; it is tried again');
    await this.syncs.fail(claim, reason, (failures) => {
      const longest = Math.max(LONGEST_WAIT_MS, this.everyMs);
      const waitMs = Math.min(longest, this.everyMs * 2 ** Math.min(failures - 1, 20));
      return this.nextAt(this.clock.now(), waitMs);
    });
  }

  private nextAt(now: Date, everyMs = this.everyMs): Date {
    return new Date(now.getTime() + everyMs * (1 + JITTER * (Math.random() - 0.5)));
  }
}

/** Where every account acts as itself, a group of which nothing is in use costs calls, and concerns nobody. */
function isIdle(gateway: LoadedGateway, { channel, group }: ReadingClaim): boolean {
  if (!gateway.channel(channel)?.accounts.actsAsAccount) return false;
  return !gateway.accounts.some((each) => each.channel === channel && each.group === group && each.active);
}

function reasonOf(outcome: CallOutcome<unknown>): string {
  if (outcome.status === 'refused') return `${outcome.remote.code}: ${outcome.remote.message}`;
  return outcome.status === 'unreachable' ? outcome.reason : '';
}
