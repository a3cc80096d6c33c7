import type { AccountDescription, AccountGroup, CallOutcome, GatewayType, Reading } from '../../src/contract/index.js';
import { FakeNetwork } from './fake-network.js';

/** A network that can be read anew, and whose accounts may have tokens of their own. */
export class ReadableNetwork extends FakeNetwork {
  /** what is read, by whom: `group 102 as gateway-token` */
  readonly reads: string[] = [];
  outcome: CallOutcome<unknown> | undefined;
  restMs: number | undefined;
  /** a reading lasts until this resolves */
  pause: Promise<void> | undefined;

  readonly readable: GatewayType = {
    ...this.type,
    channels: this.type.channels.map((channel) => ({
      ...channel,
      accounts: {
        ...channel.accounts,
        credential: 'token',
        health: ({ status }) => (typeof status === 'string' ? { status } : {}),
        refresh: {
          group: (group, { settings }) =>
            this.read(`group ${group} as ${settings['token']}`, () =>
              this.groups.find(({ address }) => address === group),
            ),
          account: ({ account, settings }) => {
            const members = this.groups.flatMap(({ accounts }) => accounts);
            return this.read(`account ${account.address} as ${settings['token']}`, () =>
              members.find(({ address }) => address === account.address),
            );
          },
        },
      },
    })),
  };

  /** The same, where setup gives every account a credential, and each acts as itself. */
  readonly acting: GatewayType = {
    ...this.readable,
    channels: this.readable.channels.map((channel) => ({
      ...channel,
      accounts: { ...channel.accounts, actsAsAccount: true },
    })),
  };

  /** Changes what the network shows of an account. */
  show(address: string, more: Partial<AccountDescription>): void {
    this.groups = this.groups.map((group) => ({
      ...group,
      accounts: group.accounts.map((each) => (each.address === address ? { ...each, ...more } : each)),
    }));
  }

  private async read<T extends AccountGroup | AccountDescription>(
    what: string,
    find: () => T | undefined,
  ): Promise<CallOutcome<Reading<T>>> {
    this.reads.push(what);
    await this.pause;
    if (this.outcome && this.outcome.status !== 'ok') return this.outcome;
    const rest = this.restMs === undefined ? {} : { restMs: this.restMs };
    return { status: 'ok', value: { found: find() as T, ...rest } };
  }
}
