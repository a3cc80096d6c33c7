import { Injectable } from '@nestjs/common';
import type { AccountGroupView, CallOutcome } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { AccountGroupRepository } from '../account-group.repository.js';
import { AccountStateRepository } from '../account-state.repository.js';
import { GatewayChanges } from '../gateway-changes.js';
import { ProviderSubscriptions } from '../provider-subscriptions.js';
import type { CommandHandler, CommandRun } from './command-run.js';
import { errorOf, groupView } from './group-view.js';
import { releasing } from './releasing.js';
import { requireKnown, selectGroups } from './select-groups.js';

/** Deactivates senders here; the network's subscription goes with the last of a group. */
@Injectable()
export class UnsubscribeCommand implements CommandHandler {
  constructor(
    private readonly groups: AccountGroupRepository,
    private readonly state: AccountStateRepository,
    private readonly subscriptions: ProviderSubscriptions,
    private readonly changes: GatewayChanges,
    private readonly clock: Clock,
  ) {}

  async run({ gateway, command }: CommandRun): Promise<readonly AccountGroupView[]> {
    const known = await this.groups.ofGateway(gateway.id, command.channel);
    const selections = requireKnown(selectGroups(known, command.ids));
    const outcomes = await this.subscriptions.release(gateway, command.channel, releasing(selections));
    const done = selections.filter(({ group }) => isDone(outcomes.get(group.address)));
    await this.state.change(gateway.id, async (sql) => {
      for (const { group, accounts } of done) {
        const ids = accounts.map(({ id }) => id);
        await this.state.deactivate(sql, group.id, ids, this.clock.now());
      }
    });
    await this.changes.settle(gateway.id);
    const chosen = new Set(selections.map(({ group }) => group.address));
    const after = await this.groups.ofGateway(gateway.id, command.channel);
    return after
      .filter(({ address }) => chosen.has(address))
      .map((group) => {
        const outcome = outcomes.get(group.address);
        const error = outcome && errorOf(outcome);
        return groupView(group, error && { error });
      });
  }
}

/** What needed nothing from the network is done, too. */
function isDone(outcome: CallOutcome | undefined): boolean {
  return outcome === undefined || outcome.status === 'ok';
}
