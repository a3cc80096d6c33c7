import type { AccountGroupView, Channel } from '../../contract/index.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import type { Command } from './command.js';

/** What every operation gets. */
export interface CommandRun {
  readonly gateway: LoadedGateway;
  readonly channel: Channel;
  readonly command: Command;
}

/** One operation: returns the list to show. */
export interface CommandHandler {
  run(run: CommandRun): Promise<readonly AccountGroupView[]>;
}
