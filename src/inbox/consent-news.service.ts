import { Injectable } from '@nestjs/common';
import type { ConsentChanged } from '../contract/index.js';
import { CONSENT_HOW, type ConsentChange } from '../dialog/consent/consent.js';
import { Consents } from '../dialog/consent/consents.service.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { type Person, keyText, lookupKeys } from '../dialog/person.js';
import { storable } from '../gateway/storable.js';
import type { Sql } from '../platform/database/database.js';

export interface ConsentNews {
  readonly change: ConsentChanged;
  readonly person: Person;
}

/** What people told the network itself about the messages they want to get. */
@Injectable()
export class ConsentNewsService {
  constructor(
    private readonly contacts: ContactRepository,
    private readonly consents: Consents,
  ) {}

  /** For persons that are contacts already. Returns the accounts to wake after the commit. */
  async apply(sql: Sql, news: readonly ConsentNews[], now: Date): Promise<ReadonlySet<string>> {
    if (news.length === 0) return new Set();
    const located = await this.contacts.locate(
      sql,
      news.map(({ person }) => person),
    );
    const changes = news.flatMap(({ change, person }): ConsentChange[] => {
      const { topic, state, occurredAt: at, detail } = change;
      const contactId = lookupKeys(person)
        .map((key) => located.get(keyText(key)))
        .find((id) => id !== undefined);
      if (contactId === undefined) throw new Error('a contact that was just made is not there');
      const what = detail === undefined ? {} : { what: storable(detail) };
      return [{ contactId, topic, state, at, how: CONSENT_HOW.network, ...what }];
    });
    return (await this.consents.record(sql, changes, now)).accountIds;
  }
}
