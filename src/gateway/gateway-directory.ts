import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { Notifications } from '../platform/notify/notifications.js';
import { LOG } from '../platform/platform.tokens.js';
import { isId } from '../platform/ids/ids.js';
import { AccountRepository, type AccountRow } from './account.repository.js';
import { GATEWAY_CHANGES, GatewayRepository, type GatewayRow } from './gateway.repository.js';
import { GatewayLoader } from './gateway-loader.js';
import type { LoadedAccount, LoadedGateway } from './loaded-gateway.js';

const RETRY_MS = 500;

export interface FoundAccount {
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
}

/**
 * Every gateway, in memory: look-ups cost no query and an unknown uri costs nothing at all. Kept fresh by database
 * notifications, read anew whole whenever the listening connection was lost, and by the writing process before it answers.
 */
@Injectable()
export class GatewayDirectory implements OnModuleInit, OnApplicationBootstrap {
  private readonly gateways = new Map<string, LoadedGateway>();
  private readonly uris = new Map<string, string>();
  private readonly appKeys = new Map<string, Set<string>>();
  private readonly accounts = new Map<string, string>();

  private pending = new Set<string>();
  /** the load under way, or the last one */
  private current: Promise<void> = Promise.resolve();
  /** the load that will start when that one is done */
  private next: Promise<void> | undefined;

  constructor(
    private readonly rows: GatewayRepository,
    private readonly accountRows: AccountRepository,
    private readonly loader: GatewayLoader,
    private readonly notifications: Notifications,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async onModuleInit(): Promise<void> {
    this.notifications.on(GATEWAY_CHANGES, (payload) => {
      if (payload === '*' || isId(payload)) void this.refreshLater(payload);
    });
    await this.refresh('*');
    for (const gateway of this.gateways.values()) {
      const warnings = gateway.type.warnings(gateway.settings);
      if (gateway.status === 'parked' || warnings.length > 0) {
        this.log.warn(
          { gateway: gateway.uri, status: gateway.status, reason: gateway.statusReason, warnings },
          'a gateway needs attention',
        );
      }
    }
  }

  /** Once more now that the process listens for changes: one may have been made between the first reading and that. */
  async onApplicationBootstrap(): Promise<void> {
    await this.refresh('*');
  }

  all(): readonly LoadedGateway[] {
    return [...this.gateways.values()];
  }

  byId(id: string): LoadedGateway | undefined {
    return this.gateways.get(id);
  }

  byUri(uri: string): LoadedGateway | undefined {
    const id = this.uris.get(uri);
    return id === undefined ? undefined : this.gateways.get(id);
  }

  byIdOrUri(idOrUri: string): LoadedGateway | undefined {
    return this.byId(idOrUri) ?? this.byUri(idOrUri);
  }

  /** All gateways of one app at a network: those that share the callback `/<prefix>/<key>`. */
  byAppKey(prefix: string, key: string): readonly LoadedGateway[] {
    return [...(this.appKeys.get(`${prefix}/${key}`) ?? [])].flatMap((id) => this.gateways.get(id) ?? []);
  }

  accountById(accountId: string): FoundAccount | undefined {
    const gateway = this.gateways.get(this.accounts.get(accountId) ?? '');
    const account = gateway?.accounts.find(({ id }) => id === accountId);
    return gateway && account && { gateway, account };
  }

  /** Reads a gateway (or all: `*`) anew; resolves when what was committed before the call is in force here. */
  refresh(id: string): Promise<void> {
    this.pending.add(id);
    // The load under way may have read before that commit, so it does not count; one more serves everybody who waits.
    this.next ??= this.current.catch(() => undefined).then(() => this.loadPending());
    return this.next;
  }

  private async refreshLater(id: string): Promise<void> {
    for (;;) {
      try {
        await this.refresh(id);
        return;
      } catch (error) {
        this.log.warn({ err: error, gateway: id }, 'could not read a changed gateway; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  private async loadPending(): Promise<void> {
    const wanted = this.pending;
    this.pending = new Set();
    this.current = this.next ?? Promise.resolve();
    this.next = undefined;
    const everything = wanted.has('*');
    const ids = [...wanted];
    const [rows, accounts] = await Promise.all(
      everything ? [this.rows.all(), this.accountRows.all()] : [this.rows.byIds(ids), this.accountRows.ofGateways(ids)],
    );
    for (const id of everything ? [...this.gateways.keys()] : ids) this.forget(id);
    this.remember(rows, accounts);
  }

  private remember(rows: readonly GatewayRow[], accounts: readonly AccountRow[]): void {
    const byGateway = new Map<string, AccountRow[]>();
    for (const account of accounts) {
      const own = byGateway.get(account.gateway_id);
      if (own) own.push(account);
      else byGateway.set(account.gateway_id, [account]);
    }
    for (const row of rows) {
      const gateway = this.loader.load(row, byGateway.get(row.id) ?? []);
      if (!gateway) {
        this.log.error({ gateway: row.uri, type: row.type }, 'a gateway’s type is not installed: it is left out');
        continue;
      }
      this.gateways.set(gateway.id, gateway);
      this.uris.set(gateway.uri, gateway.id);
      for (const account of gateway.accounts) this.accounts.set(account.id, gateway.id);
      const shared = sharedKey(gateway);
      if (shared !== undefined) this.appKeys.set(shared, (this.appKeys.get(shared) ?? new Set()).add(gateway.id));
    }
  }

  private forget(id: string): void {
    const gateway = this.gateways.get(id);
    if (!gateway) return;
    this.gateways.delete(id);
    if (this.uris.get(gateway.uri) === id) this.uris.delete(gateway.uri);
    for (const account of gateway.accounts) this.accounts.delete(account.id);
    const shared = sharedKey(gateway);
    const sharing = shared === undefined ? undefined : this.appKeys.get(shared);
    sharing?.delete(id);
    if (shared !== undefined && sharing?.size === 0) this.appKeys.delete(shared);
  }
}

function sharedKey(gateway: LoadedGateway): string | undefined {
  const { shared } = gateway.type.webhook;
  return shared && gateway.appKey !== undefined ? `${shared.prefix}/${gateway.appKey}` : undefined;
}
