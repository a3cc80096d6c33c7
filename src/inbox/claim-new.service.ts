import { Injectable } from '@nestjs/common';
import type { Content, EchoReceived, MessageReceived } from '../contract/index.js';
import { ContactRepository } from '../dialog/contact.repository.js';
import { MessageRepository, refKey } from '../dialog/message.repository.js';
import { keyText, lookupKeys } from '../dialog/person.js';
import type { Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import type { ItemOf } from './inbound-item.js';

type Told = MessageReceived | EchoReceived;

/** A message that was not seen before: its id is ours from now on. */
export type Fresh<E extends Told> = ItemOf<E> & { readonly id: string; readonly contactId: string };

/** Our ids of the messages that others speak of, by {@link refKey}. */
export type Quoted = ReadonlyMap<string, string>;

/** What is new of a batch, and what it speaks of. */
@Injectable()
export class ClaimNew {
  constructor(
    private readonly contacts: ContactRepository,
    private readonly messages: MessageRepository,
  ) {}

  /** The unique key decides, not a look-up: two processes with the same message cannot both get it. */
  async claim<E extends Told>(sql: Sql, items: readonly ItemOf<E>[], now: Date): Promise<readonly Fresh<E>[]> {
    if (items.length === 0) return [];
    const contacts = await this.contacts.locate(
      sql,
      items.map(({ person }) => person),
    );
    const candidates = new Map<string, Fresh<E>>();
    for (const item of items) {
      const key = refKey(refOf(item));
      const contactId = lookupKeys(item.person)
        .map((identity) => contacts.get(keyText(identity)))
        .find((id) => id !== undefined);
      if (contactId === undefined) throw new Error('a contact that was just made is not there');
      if (!candidates.has(key)) candidates.set(key, { id: newId(now), contactId, ...item });
    }
    const claimed = await this.messages.claimProviderIds(
      sql,
      [...candidates.values()].map((item) => ({ messageId: item.id, ...refOf(item) })),
    );
    return [...candidates.values()].filter(({ id }) => claimed.has(id)).sort(byTime);
  }

  /** A glance: those that are surely no repeats. */
  async notKnown<E extends Told>(sql: Sql, items: readonly ItemOf<E>[]): Promise<readonly ItemOf<E>[]> {
    const known = await this.messages.findByProviderIds(sql, items.map(refOf));
    return items.filter((item) => !known.has(refKey(refOf(item))));
  }

  async quoted(sql: Sql, items: readonly ItemOf<Told>[]): Promise<Quoted> {
    return this.messages.findByProviderIds(sql, items.flatMap(quotesOf));
  }
}

/** What speaks of a message does so by the network's id; ours is put in its place where we know it. */
export function withOwnIds(
  { account, event: { content } }: Pick<ItemOf<Told>, 'account' | 'event'>,
  quoted: Quoted,
): Content {
  if (content.type !== 'reaction' && content.type !== 'edit' && content.type !== 'revoke') return content;
  const id = quoted.get(refKey({ accountId: account.id, providerId: content.messageId }));
  return id === undefined ? content : { ...content, messageId: id };
}

/** Our id of the message that this one answers. */
export function answered(
  { account, event }: Pick<ItemOf<Told>, 'account' | 'event'>,
  quoted: Quoted,
): string | undefined {
  return event.replyTo && quoted.get(refKey({ accountId: account.id, providerId: event.replyTo.providerId }));
}

export function partiesOf({ gateway, account, contactId }: Fresh<Told>) {
  return { gatewayId: gateway.id, accountId: account.id, contactId };
}

function refOf({ account, event }: ItemOf<Told>) {
  return { accountId: account.id, providerId: event.providerId };
}

function quotesOf({ account, event: { content, replyTo } }: ItemOf<Told>) {
  const ids = [replyTo?.providerId, 'messageId' in content ? content.messageId : undefined];
  return ids.flatMap((providerId) => (typeof providerId === 'string' ? [{ accountId: account.id, providerId }] : []));
}

function byTime(one: ItemOf<Told>, other: ItemOf<Told>): number {
  return one.event.occurredAt.getTime() - other.event.occurredAt.getTime();
}
