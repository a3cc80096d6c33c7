import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../contract/index.js';
import { DialogRepository, type DialogRecord } from '../../dialog/dialog.repository.js';
import type { Person } from '../../dialog/person.js';
import type { LoadedAccount } from '../../gateway/loaded-gateway.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';
import { ContactRepository } from '../../dialog/contact.repository.js';
import type { Target } from '../recipient.js';

/** Whom a message goes to: how the network names them, and who that is to us. */
export interface Recipient {
  readonly address: JsonObject;
  readonly person: Person;
  /** known already; else the contact is made when the message is taken */
  readonly contactId?: string;
}

@Injectable()
export class RecipientResolver {
  constructor(
    private readonly database: Database,
    private readonly dialogs: DialogRepository,
    private readonly contacts: ContactRepository,
  ) {}

  /** @throws Problem 422 when the contact or dialog is not known, or has no address on this channel */
  async resolve(target: Exclude<Target, { kind: 'dialog' }>, account: LoadedAccount): Promise<Recipient> {
    const scope = { channel: account.channel, realm: account.portfolio ?? account.group };
    switch (target.kind) {
      case 'phone':
        return { address: { phone: `+${target.phone}` }, person: { scope, phone: target.phone } };
      case 'user':
        return { address: { userId: target.userId }, person: { scope, userId: target.userId } };
      case 'contact':
        return this.ofContact(target.contactId, account);
    }
  }

  ofDialog(dialog: DialogRecord, account: LoadedAccount): Recipient {
    return recipientOf(dialog.contact.id, dialog.contact.phone, dialog.contact.userId, account);
  }

  async dialog(id: string): Promise<DialogRecord> {
    const record = await this.dialogs.record(this.database, id);
    if (!record) throw new Problem(422, 'dialog.unknown', `There is no dialog ${id}.`);
    return record;
  }

  /** When this person last wrote to this account, without making anything. */
  async lastInbound(accountId: string, { person, contactId }: Recipient): Promise<Date | null> {
    const located = contactId === undefined ? await this.contacts.peek(person) : contactId;
    if (located === undefined) return null;
    const [row] = await this.database.query<{ last_inbound_at: Date | null }>(
      'SELECT last_inbound_at FROM thread WHERE account_id = $1 AND contact_id = $2',
      [accountId, located],
    );
    return row?.last_inbound_at ?? null;
  }

  private async ofContact(contactId: string, account: LoadedAccount): Promise<Recipient> {
    const rows = await this.database.query<{ id: string; kind: string; value: string }>(
      `SELECT i.contact_id AS id, i.kind, i.value FROM contact c JOIN contact_identity i ON i.contact_id = COALESCE(c.merged_into, c.id)
       WHERE c.id = $1 AND i.replaced_at IS NULL AND (i.scope = $2 OR i.scope LIKE $2 || ':%') ORDER BY i.created_at DESC`,
      [contactId, account.channel],
    );
    const [first] = rows;
    if (!first) {
      throw new Problem(
        422,
        'contact.unknown',
        `There is no contact ${contactId} with an address on ${account.channel}.`,
      );
    }
    const value = (kind: string): string | null => rows.find((row) => row.kind === kind)?.value ?? null;
    return recipientOf(first.id, value('phone'), value('user'), account);
  }
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
