import { Injectable } from '@nestjs/common';
import type { AccountGroupView } from '../../contract/index.js';
import { AccountGroupRepository } from '../account-group.repository.js';
import type { CommandHandler, CommandRun } from './command-run.js';
import { groupView } from './group-view.js';
import { selectGroups } from './select-groups.js';

/** What the gateway knows, from the database alone; ids that it does not know are left out. */
@Injectable()
export class SearchCommand implements CommandHandler {
  constructor(private readonly groups: AccountGroupRepository) {}

  async run({ gateway, command }: CommandRun): Promise<readonly AccountGroupView[]> {
    const groups = await this.groups.ofGateway(gateway.id, command.channel);
    return selectGroups(groups, command.ids).selections.map(({ group }) => groupView(group));
  }
}
