import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../contract/index.js';
import { DialogRepository, type DialogRecord } from '../../dialog/dialog.repository.js';
import { type Person, keyText, lookupKeys } from '../../dialog/person.js';
import { ThreadRepository, threadKey } from '../../dialog/thread.repository.js';
import type { LoadedAccount } from '../../gateway/loaded-gateway.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';
import { ContactRepository, type IdentityRow, identitiesKey } from '../../dialog/contact.repository.js';
import { type Refusable, orProblem } from './refusable.js';
import type { Target } from '../../dialog/target.js';

/** Whom a message goes to: how the network names them, and who that is to us. */
export interface Recipient {
  readonly address: JsonObject;
  readonly person: Person;
  /** known already; else the contact is made when the message is taken */
  readonly contactId?: string;
}

/** A target other than a dialog, and the sender. */
export interface Wanted {
  readonly target: Exclude<Target, { kind: 'dialog' }>;
  readonly account: LoadedAccount;
}

@Injectable()
export class RecipientResolver {
  constructor(
    private readonly database: Database,
    private readonly dialogs: DialogRepository,
    private readonly contacts: ContactRepository,
    private readonly threads: ThreadRepository,
  ) {}

  /** A Problem is 422: the contact is not known, or has no address on this channel. */
  async resolveAll(wanted: readonly Wanted[]): Promise<readonly Refusable<Recipient>[]> {
    const contacts = await this.ofContacts(wanted);
    return wanted.map(({ target, account }) => {
      const scope = { channel: account.channel, realm: account.portfolio ?? account.group };
      switch (target.kind) {
        case 'phone':
          return { address: { phone: `+${target.phone}` }, person: { scope, phone: target.phone } };
        case 'user':
          return { address: { userId: target.userId }, person: { scope, userId: target.userId } };
        case 'contact':
          return orProblem(() => ofContact(target.contactId, contacts, account));
      }
    });
  }

  ofDialog(dialog: DialogRecord, account: LoadedAccount): Recipient {
    return recipientOf(dialog.contact.id, dialog.contact.phone, dialog.contact.userId, account);
  }

  /** By their ids; those that do not exist are not in the answer. */
  async dialogsOf(ids: readonly string[]): Promise<ReadonlyMap<string, DialogRecord>> {
    return this.dialogs.records(this.database, [...new Set(ids)]);
  }

  /** Who they are to us and when they last wrote to that account, as far as it is known; nothing is made. */
  async known(
    wanted: readonly { readonly accountId: string; readonly recipient: Recipient }[],
  ): Promise<readonly { readonly contactId?: string; readonly lastInboundAt: Date | null }[]> {
    const found = await this.contacts.peekAll(
      wanted.flatMap(({ recipient }) => (recipient.contactId === undefined ? [recipient.person] : [])),
    );
    const located = wanted.map(({ accountId, recipient }) => ({
      accountId,
      contactId: recipient.contactId ?? contactOf(recipient.person, found),
    }));
    const inbound = await this.threads.lastInbound(
      this.database,
      located.flatMap(({ accountId, contactId }) => (contactId === undefined ? [] : [{ accountId, contactId }])),
    );
    return located.map(({ accountId, contactId }) =>
      contactId === undefined
        ? { lastInboundAt: null }
        : { contactId, lastInboundAt: inbound.get(threadKey({ accountId, contactId })) ?? null },
    );
  }

  /** The contacts of recipients who all have one; nobody joins or splits them until the transaction ends. */
  async locate(sql: Sql, recipients: readonly Recipient[]): Promise<readonly string[]> {
    const found = await this.contacts.locate(
      sql,
      recipients.flatMap(({ contactId, person }) => (contactId === undefined ? [person] : [])),
    );
    return recipients.map(({ contactId, person }) => {
      const located = contactId ?? contactOf(person, found);
      if (located === undefined) throw new Error('a contact vanished while its message was taken');
      return located;
    });
  }

  private async ofContacts(wanted: readonly Wanted[]): Promise<ReadonlyMap<string, readonly IdentityRow[]>> {
    const keys = wanted.flatMap(({ target, account }) =>
      target.kind === 'contact' ? [{ contactId: target.contactId, channel: account.channel }] : [],
    );
    return keys.length === 0 ? new Map() : this.contacts.identities(this.database, keys);
  }
}

function contactOf(person: Person, found: ReadonlyMap<string, string>): string | undefined {
  for (const key of lookupKeys(person)) {
    const contactId = found.get(keyText(key));
    if (contactId !== undefined) return contactId;
  }
  return undefined;
}

function ofContact(
  contactId: string,
  known: ReadonlyMap<string, readonly IdentityRow[]>,
  account: LoadedAccount,
): Recipient {
  const rows = known.get(identitiesKey({ contactId, channel: account.channel })) ?? [];
  const [first] = rows;
  if (!first) {
    throw new Problem(
      422,
      'contact.unknown',
      `There is no contact ${contactId} with an address on ${account.channel}.`,
    );
  }
  const value = (kind: string): string | null => rows.find((row) => row.kind === kind)?.value ?? null;
  return recipientOf(first.contactId, value('phone'), value('user'), account);
}

/** By phone where there is one, else by the network's own id. */
function recipientOf(
  contactId: string,
  phone: string | null,
  userId: string | null,
  account: LoadedAccount,
): Recipient {
  const scope = { channel: account.channel, realm: account.portfolio ?? account.group };
  if (phone !== null) return { contactId, address: { phone: `+${phone}` }, person: { scope, phone } };
  if (userId !== null) return { contactId, address: { userId }, person: { scope, userId } };
  throw new Problem(422, 'contact.unreachable', `The contact ${contactId} has no address on ${account.channel}.`);
}
