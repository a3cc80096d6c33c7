import { Injectable } from '@nestjs/common';
import { ContactRepository } from '../dialog/contact.repository.js';
import { DialogCloser } from '../dialog/dialog-closer.service.js';
import { DialogRepository } from '../dialog/dialog.repository.js';
import { type Person, keyText, lookupKeys } from '../dialog/person.js';
import type { LoadedAccount } from '../gateway/loaded-gateway.js';
import type { Sql } from '../platform/database/database.js';

/** The other side ended its conversation with somebody. */
export interface ClosedNews {
  readonly account: LoadedAccount;
  readonly person: Person;
  readonly at: Date;
}

/** Ends dialogs that the network says are over, and tells it once. */
@Injectable()
export class ClosedNewsService {
  constructor(
    private readonly contacts: ContactRepository,
    private readonly dialogs: DialogRepository,
    private readonly closer: DialogCloser,
  ) {}

  /** Who is not known has no dialog. True when an event was written. */
  async apply(sql: Sql, news: readonly ClosedNews[]): Promise<boolean> {
    if (news.length === 0) return false;
    const located = await this.contacts.locate(
      sql,
      news.map(({ person }) => person),
    );
    const wanted = news.flatMap(({ account, person, at }) => {
      const contactId = lookupKeys(person)
        .map((key) => located.get(keyText(key)))
        .find((id) => id !== undefined);
      return contactId === undefined ? [] : [{ accountId: account.id, contactId, at }];
    });
    let wroteEvents = false;
    for (const id of await this.dialogs.openAt(sql, wanted)) {
      wroteEvents = (await this.closer.close(sql, id, 'network')).wroteEvents || wroteEvents;
    }
    return wroteEvents;
  }
}
