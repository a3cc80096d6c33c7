import { Inject, Injectable } from '@nestjs/common';
import type { AccountGroupView } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import { AccountGroupRepository } from '../account-group.repository.js';
import { callProvider } from '../call-provider.js';
import { AccountRegistrar } from './account-registrar.service.js';
import type { CommandHandler, CommandRun } from './command-run.js';
import { groupView } from './group-view.js';

/** Asks the network which accounts the gateway may act for, and adds or refreshes them. Activates nothing, drops nothing. */
@Injectable()
export class SetupCommand implements CommandHandler {
  constructor(
    private readonly groups: AccountGroupRepository,
    private readonly accounts: AccountRegistrar,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async run({ gateway, channel, command }: CommandRun): Promise<readonly AccountGroupView[]> {
    const readAt = this.clock.now();
    const outcome = await callProvider(this.log, () => channel.accounts.discover(gateway.interactiveCall()));
    if (outcome.status === 'unreachable') {
      throw new Problem(
        502,
        'provider.unreachable',
        `The network did not answer: ${outcome.reason}. Nothing was changed.`,
      );
    }
    if (outcome.status === 'refused') {
      const { code, message } = outcome.remote;
      throw new Problem(502, 'provider.refused', `The network refused (${code}): ${message}. Nothing was changed.`);
    }
    await this.accounts.register(gateway, command.channel, outcome.value, readAt);
    return (await this.groups.ofGateway(gateway.id, command.channel)).map((group) => groupView(group));
  }
}
