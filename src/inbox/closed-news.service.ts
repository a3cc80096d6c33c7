import { Injectable } from '@nestjs/common';
import { ContactRepository } from '../dialog/contact.repository.js';
import { dialogEvent, isWanted, subjectOf } from '../dialog/dialog-events.js';
import { DialogRepository } from '../dialog/dialog.repository.js';
import { type Person, keyText, lookupKeys } from '../dialog/person.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import type { Sql } from '../platform/database/database.js';
import { appendEvents } from '../platform/outbox/outbox.js';

/** The other side ended its conversation with somebody. */
export interface ClosedNews {
  readonly gateway: LoadedGateway;
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
  ) {}

  /** Who is not known has no dialog. True when an event was written. */
  async apply(sql: Sql, news: readonly ClosedNews[], now: Date): Promise<boolean> {
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
      if (await this.dialogs.close(sql, id)) wroteEvents = (await this.tell(sql, id, news, now)) || wroteEvents;
    }
    return wroteEvents;
  }

  private async tell(sql: Sql, id: string, news: readonly ClosedNews[], now: Date): Promise<boolean> {
    const record = await this.dialogs.record(sql, id);
    const place = news.find(({ account }) => account.id === record?.accountId);
    if (!record || !place || !isWanted(place.gateway, place.account, 'dialog.closed')) return false;
    const subject = subjectOf(place.gateway, place.account, record);
    await appendEvents(sql, [dialogEvent('dialog.closed', subject, now, now)], now);
    return true;
  }
}
