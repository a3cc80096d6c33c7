import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { CallOutcome, PersonProfile } from '../contract/index.js';
import { ContactProfileRepository } from '../dialog/contact-profile.repository.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { type Person, storable } from '../dialog/person.js';
import { callProvider } from '../gateway/call-provider.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';

/** Somebody who wrote, and whom the network named by an id alone. */
export interface Nameless {
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly contactId: string;
  readonly person: Person;
}

const DAY_MS = 24 * 60 * 60_000;

/** Calls at a time: people who write at once must not take the network's limits from messages. */
const AT_ONCE = 4;

/**
 * Asks networks for the names of people, after their messages are on record. No event waits for it: the first ones go without a
 * name. What was found stays; where nothing was, a message of another day asks again.
 */
@Injectable()
export class ProfileLookups implements OnApplicationShutdown {
  private readonly waiting: Nameless[] = [];
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly profiles: ContactProfileRepository,
    private readonly contacts: ContactRepository,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  ask(people: readonly Nameless[]): void {
    this.waiting.push(...people);
    while (this.underWay.size < AT_ONCE && this.waiting.length > 0) {
      const work = this.work().finally(() => this.underWay.delete(work));
      this.underWay.add(work);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.waiting.length = 0;
    await Promise.all(this.underWay);
  }

  private async work(): Promise<void> {
    for (let one = this.waiting.shift(); one; one = this.waiting.shift()) {
      try {
        await this.lookUp(one);
      } catch (error) {
        this.log.warn({ err: error, account: one.account.address }, 'a name could not be looked up');
      }
    }
  }

  private async lookUp({ gateway, account, contactId, person }: Nameless): Promise<void> {
    const dialog = gateway.channel(account.channel)?.dialog;
    const { userId } = person;
    if (!dialog?.profile || userId === undefined) return;
    const now = this.clock.now();
    if (!(await this.profiles.claimAsking(contactId, now, new Date(now.getTime() - DAY_MS)))) return;
    const ask = (): Promise<CallOutcome<PersonProfile>> =>
      dialog.profile?.(userId, gateway.accountCall(account)) ?? Promise.resolve({ status: 'ok', value: {} });
    const outcome = await callProvider(this.log, ask);
    if (outcome.status !== 'ok') {
      const reason = outcome.status === 'refused' ? `${outcome.remote.code}` : outcome.reason;
      this.log.info({ account: account.address, reason }, 'the network does not say who a person is');
      return;
    }
    const { name, username } = outcome.value;
    if (name === undefined && username === undefined) return;
    await this.contacts.ensure([{ ...storable({ ...person, ...outcome.value }), scope: person.scope }]);
  }
}
