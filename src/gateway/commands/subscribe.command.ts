import { Inject, Injectable } from '@nestjs/common';
import type { AccountGroupView, CallOutcome } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { AccountGroupRepository } from '../account-group.repository.js';
import { AccountStateRepository } from '../account-state.repository.js';
import { callProvider, mapFew } from '../call-provider.js';
import { GatewayChanges } from '../gateway-changes.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { mayShareApp } from '../may-share-app.js';
import type { CommandHandler, CommandRun } from './command-run.js';
import { type Remark, errorOf, groupView, ownError } from './group-view.js';
import { type Selection, requireKnown, selectGroups } from './select-groups.js';

type Subscribed = CallOutcome<{ readonly warning?: string }>;

/** Makes the network send us a group's events, also when we believe that it does, and marks its senders active. */
@Injectable()
export class SubscribeCommand implements CommandHandler {
  constructor(
    private readonly groups: AccountGroupRepository,
    private readonly state: AccountStateRepository,
    private readonly changes: GatewayChanges,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async run(run: CommandRun): Promise<readonly AccountGroupView[]> {
    const { gateway, channel, command } = run;
    const known = await this.groups.ofGateway(gateway.id, command.channel);
    const selections = requireKnown(selectGroups(known, command.ids));
    const remarks = new Map<string, Remark>();
    const { free, shared: sharing } = await this.refuseConflicts(run, selections, remarks);
    if (free.length > 0) {
      const shared = await this.registerShared(gateway, command.channel);
      const outcomes = await mapFew(free, ({ group: { address } }) =>
        callProvider(this.log, () =>
          channel.accounts.subscribe(
            address,
            gateway.interactiveGroupCall(command.channel, address),
            sharing.has(address),
          ),
        ),
      );
      await this.record(gateway.id, free, outcomes, shared, remarks);
    }
    const chosen = new Set(selections.map(({ group }) => group.address));
    const after = await this.groups.ofGateway(gateway.id, command.channel);
    return after
      .filter(({ address }) => chosen.has(address))
      .map((group) => groupView(group, remarks.get(group.address)));
  }

  /**
   * A sender is active in one gateway at a time, and a group serves one app at a time. Returns what is left to do, and the
   * addresses of the groups that other gateways of the app use as well.
   */
  private async refuseConflicts(
    { gateway, command }: CommandRun,
    selections: readonly Selection[],
    remarks: Map<string, Remark>,
  ): Promise<{ readonly free: readonly Selection[]; readonly shared: ReadonlySet<string> }> {
    const addresses = selections.map(({ group }) => group.address);
    const senders = selections.flatMap(({ accounts }) => accounts.map(({ address }) => address));
    const [uses, active] = await Promise.all([
      this.groups.othersUsing(gateway.id, command.channel, addresses),
      this.groups.activeElsewhere(gateway.id, command.channel, senders),
    ]);
    const foreign = new Map(
      uses.filter(({ app_key }) => !mayShareApp(app_key, gateway.appKey)).map((use) => [use.address, use.uri]),
    );
    const taken = new Map(active.map(({ address, uri }) => [address, uri]));
    const free = selections.filter(({ group, accounts }) => {
      const owner = foreign.get(group.address);
      if (owner !== undefined) {
        const message = `The gateway ${owner}, which belongs to another app, uses this account: unsubscribe it there first.`;
        remarks.set(group.address, { error: ownError('account.engaged_elsewhere', message) });
        return false;
      }
      const conflicts = accounts.filter(({ address }) => taken.has(address)).map(({ address }) => address);
      if (conflicts.length > 0) remarks.set(group.address, { error: activeElsewhere(conflicts, taken) });
      return accounts.length === 0 || conflicts.length < accounts.length;
    });
    return { free, shared: new Set(uses.map(({ address }) => address)) };
  }

  private async record(
    gatewayId: string,
    free: readonly Selection[],
    outcomes: readonly Subscribed[],
    shared: string | undefined,
    remarks: Map<string, Remark>,
  ): Promise<void> {
    const failed: string[] = [];
    await this.state.change(gatewayId, async (sql) => {
      failed.length = 0;
      for (const [index, { group, accounts, isWhole }] of free.entries()) {
        if (outcomes[index]?.status !== 'ok') continue;
        // A sender that setup no longer finds is not woken with its group, only by its own id.
        const wanted = isWhole ? accounts.filter(({ missing_since }) => !missing_since) : accounts;
        const ids = wanted.map(({ id }) => id);
        const active = await this.state.activate(sql, group.id, ids, this.clock.now());
        if (ids.some((id) => !active.has(id))) failed.push(group.address);
      }
    });
    await this.changes.settle(gatewayId);
    for (const [index, { group }] of free.entries()) {
      const outcome = outcomes[index];
      if (!outcome) continue;
      const error = errorOf(outcome) ?? remarks.get(group.address)?.error ?? lateConflict(failed, group.address);
      const warnings = outcome.status === 'ok' ? [outcome.value.warning, shared] : [shared];
      remarks.set(group.address, { ...(error && { error }), warnings });
    }
  }

  /** The app's own callback, once for all groups. Returns what was left as it is. */
  private async registerShared(gateway: LoadedGateway, channel: string): Promise<string | undefined> {
    const { shared } = gateway.type.webhook;
    if (!shared || gateway.sharedCallbackUrl === undefined) return undefined;
    const outcome = await callProvider(this.log, () => shared.register(gateway.interactiveCall(), channel));
    if (outcome.status === 'ok') return outcome.value.warning;
    return `The app's callback could not be registered: ${errorOf(outcome)?.message}`;
  }
}

function activeElsewhere(addresses: readonly string[], taken: ReadonlyMap<string, string>) {
  const where = addresses.map((address) => `${address} in ${taken.get(address)}`).join(', ');
  return ownError('account.active_elsewhere', `Active in another gateway: ${where}. Unsubscribe there first.`);
}

function lateConflict(failed: readonly string[], address: string) {
  if (!failed.includes(address)) return undefined;
  return ownError('account.active_elsewhere', 'Another gateway activated one of these numbers at the same moment.');
}
