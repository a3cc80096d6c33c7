import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, mayAccessGateway } from '../../access/principal.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';
import { ContactProfileRepository } from '../contact-profile.repository.js';
import { ContactRepository } from '../contact.repository.js';
import { type Person, keyText, lookupKeys } from '../person.js';
import type { ConsentChange } from './consent.js';
import type { ConsentImportBody } from './consent.dto.js';
import { Consents } from './consents.service.js';
import { type ConsentItem, parseConsentItem } from './parse-consent-item.js';
import { type Target, mayReach } from '../target.js';

/** Contacts are locked against messages of new people while they are made: never for long. */
const AT_ONCE = 1_000;

export const MAX_CONSENTS = 10_000;

type Entry = { readonly index: number } & ConsentItem & { readonly person?: Person };

/** Records of many people at once, those included whom we do not know yet. A bad item spoils none of its neighbours. */
@Injectable()
export class ConsentImport {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly contacts: ContactRepository,
    private readonly profiles: ContactProfileRepository,
    private readonly consents: Consents,
  ) {}

  /** @returns one answer per item, in their order */
  async run(principal: Principal, body: ConsentImportBody): Promise<readonly object[]> {
    const gateway = this.gateway(principal, body.gateway);
    requireChannel(gateway, body.channel);
    if (body.consents.length > MAX_CONSENTS)
      throw new Problem(400, 'validation.failed', `consents has more than ${MAX_CONSENTS} items.`);
    const answers: object[] = [];
    const entries: Entry[] = [];
    const now = this.clock.now();
    for (const [index, value] of body.consents.entries()) {
      try {
        const item = parseConsentItem(value, now);
        entries.push({ index, ...item, ...personOf(item, gateway, body.channel) });
      } catch (error) {
        answers[index] = failure(index, error);
      }
    }
    for (let start = 0; start < entries.length; start += AT_ONCE) {
      const part = entries.slice(start, start + AT_ONCE);
      for (const [index, answer] of await this.write(principal, part)) answers[index] = answer;
    }
    return answers;
  }

  private async write(principal: Principal, entries: readonly Entry[]): Promise<ReadonlyMap<number, object>> {
    const persons = distinct(entries);
    const named = entries.flatMap(({ target }) => (target.kind === 'contact' ? [target.contactId] : []));
    await this.contacts.ensure(persons);
    const reachable = await this.profiles.reachable(named, gatewayLimit(principal));
    const { answers, effect } = await this.database.transaction(async (sql) => {
      const located = await this.contacts.locate(sql, persons);
      const results = new Map<number, object>();
      const changes: ConsentChange[] = [];
      for (const { index, target, said, person } of entries) {
        const contactId = target.kind === 'contact' ? reachable.get(target.contactId) : find(located, person);
        if (contactId === undefined) {
          results.set(index, failure(index, new Problem(422, 'contact.unknown', 'There is no such contact.')));
          continue;
        }
        changes.push({ ...said, contactId });
        results.set(index, { index, contact: contactId, topic: said.topic, state: said.state });
      }
      return { answers: results, effect: await this.consents.record(sql, changes, this.clock.now()) };
    });
    this.consents.wake(effect);
    return answers;
  }

  /** A gateway in a body that the caller may not use does not exist for them. */
  private gateway(principal: Principal, idOrUri: string): LoadedGateway {
    const gateway = this.directory.byIdOrUri(idOrUri);
    if (gateway && mayAccessGateway(principal, gateway.id)) return gateway;
    throw new Problem(422, 'gateway.unknown', `There is no gateway ${JSON.stringify(idOrUri)}.`);
  }
}

function requireChannel(gateway: LoadedGateway, name: string | undefined): void {
  if (name === undefined || gateway.channel(name)) return;
  const names = gateway.type.channels.map(({ channel }) => channel).join(', ');
  throw new Problem(422, 'channel.unknown', `The gateway ${gateway.uri} has no channel ${name}; it has ${names}.`);
}

/** The one that was named, or the only one that may know the person; of several the one that has accounts here. */
function channelOf(gateway: LoadedGateway, target: Target): string {
  const reaching = gateway.type.channels.filter((channel) => mayReach(channel, target)).map(({ channel }) => channel);
  const used = reaching.filter((channel) => gateway.accounts.some((account) => account.channel === channel));
  const [only, ...others] = used.length > 0 ? used : reaching;
  if (only !== undefined && others.length === 0) return only;
  const names = [only, ...others].join(', ');
  throw new Problem(422, 'channel.required', `The gateway ${gateway.uri} has several channels: name one of ${names}.`);
}

/** A network's own id means something within what it scopes it to, so the gateway must have exactly one such place. */
function personOf({ target }: ConsentItem, gateway: LoadedGateway, named: string | undefined): { person?: Person } {
  if (target.kind === 'contact') return {};
  const channel = named ?? channelOf(gateway, target);
  const accounts = gateway.accounts.filter((account) => account.channel === channel);
  const realms = new Set(accounts.map(({ portfolio, group }) => portfolio ?? group));
  const [realm = '', ...others] = realms;
  if (target.kind === 'phone') return { person: { scope: { channel, realm }, phone: target.phone } };
  if (realms.size === 0)
    throw new Problem(422, 'account.unknown', `The gateway ${gateway.uri} has no account yet: run setup first.`);
  if (others.length > 0) {
    const detail = `Several portfolios of ${gateway.uri} could know this user id: give the phone or the contact.`;
    throw new Problem(422, 'account.required', detail);
  }
  return { person: { scope: { channel, realm }, userId: target.userId } };
}

function distinct(entries: readonly Entry[]): readonly Person[] {
  const persons = new Map<string, Person>();
  for (const { person } of entries) if (person) persons.set(lookupKeys(person).map(keyText).join(' '), person);
  return [...persons.values()];
}

function find(located: ReadonlyMap<string, string>, person: Person | undefined): string | undefined {
  const [key] = person ? lookupKeys(person) : [];
  return key && located.get(keyText(key));
}

function failure(index: number, error: unknown): object {
  if (!(error instanceof Problem)) throw error;
  return { index, error: error.toJSON() };
}
