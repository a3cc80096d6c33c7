import { Injectable } from '@nestjs/common';
import type { ReachChanged } from '../contract/index.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { type Person, keyText, lookupKeys } from '../dialog/person.js';
import { ThreadRepository, threadKey } from '../dialog/thread.repository.js';
import type { Sql } from '../platform/database/database.js';

export interface PersonReach {
  readonly change: ReachChanged;
  readonly gatewayId: string;
  readonly accountId: string;
  readonly person: Person;
}

/** Who blocked or left an account, and who came back. */
@Injectable()
export class ReachNewsService {
  constructor(
    private readonly contacts: ContactRepository,
    private readonly threads: ThreadRepository,
  ) {}

  /** For persons that are contacts already. */
  async apply(sql: Sql, news: readonly PersonReach[]): Promise<void> {
    if (news.length === 0) return;
    const located = await this.contacts.locate(
      sql,
      news.map(({ person }) => person),
    );
    const told = news.map(({ change, gatewayId, accountId, person }) => {
      const contactId = lookupKeys(person)
        .map((key) => located.get(keyText(key)))
        .find((id) => id !== undefined);
      if (contactId === undefined) throw new Error('a contact that was just made is not there');
      return { change, gatewayId, accountId, contactId };
    });
    const threads = await this.threads.touch(
      sql,
      told.map(({ change, ...parties }) => ({ inboundAt: null, isGroup: change.group === true, ...parties })),
    );
    await this.threads.setReach(
      sql,
      told.flatMap(({ change, ...parties }) => {
        const thread = threads.get(threadKey(parties));
        return thread ? [{ threadId: thread.id, isLost: change.state === 'lost', at: change.occurredAt }] : [];
      }),
    );
  }
}
