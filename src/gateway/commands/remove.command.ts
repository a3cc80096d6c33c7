import { Injectable } from '@nestjs/common';
import type { AccountGroupView } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { Problem } from '../../platform/problem/problem.js';
import { AccountGroupRepository } from '../account-group.repository.js';
import { AccountStateRepository } from '../account-state.repository.js';
import { GatewayChanges } from '../gateway-changes.js';
import { ProviderSubscriptions } from '../provider-subscriptions.js';
import type { CommandHandler, CommandRun } from './command-run.js';
import { errorOf, groupView } from './group-view.js';
import { releasing } from './releasing.js';
import { type Selection, requireKnown, selectGroups } from './select-groups.js';

/** Deactivates and forgets. What the network refuses to release stays, unless it is gone there or `force` is given. */
@Injectable()
export class RemoveCommand implements CommandHandler {
  constructor(
    private readonly groups: AccountGroupRepository,
    private readonly state: AccountStateRepository,
    private readonly subscriptions: ProviderSubscriptions,
    private readonly changes: GatewayChanges,
    private readonly clock: Clock,
  ) {}

  async run({ gateway, command }: CommandRun): Promise<readonly AccountGroupView[]> {
    if (command.ids.length === 0 && !command.acknowledged) {
      throw new Problem(
        400,
        'accounts.remove.unconfirmed',
        'Without id this removes every account: name them with id, or confirm with ack=true.',
      );
    }
    const known = await this.groups.ofGateway(gateway.id, command.channel);
    const selections = requireKnown(selectGroups(known, command.ids));
    const outcomes = await this.subscriptions.release(gateway, command.channel, releasing(selections));
    const errors = new Map(
      command.forced
        ? []
        : [...outcomes].flatMap(([address, outcome]) => {
            const error = errorOf(outcome);
            return error ? [[address, error] as const] : [];
          }),
    );
    await this.state.change(gateway.id, async (sql) => {
      for (const { group, accounts } of selections) {
        if (errors.has(group.address)) continue;
        const ids = accounts.map(({ id }) => id);
        await this.state.forget(sql, group.id, ids, this.clock.now());
      }
    });
    await this.changes.settle(gateway.id);
    return selections.map((selection) => {
      const error = errors.get(selection.group.address);
      return error ? groupView(selection.group, { error }) : groupView(asRemoved(selection));
    });
  }
}

/** The group as it was, with what was removed shown as inactive. */
function asRemoved({ group, accounts }: Selection): Selection['group'] {
  const removed = new Set(accounts.map(({ id }) => id));
  const shown = group.accounts.map((account) => (removed.has(account.id) ? { ...account, active: false } : account));
  return { ...group, subscribed: group.subscribed && shown.some(({ active }) => active), accounts: shown };
}
