import type { EchoReceived, MessageReceived, PersonIdentity, UnhandledUpdate } from '../contract/index.js';
import type { AccountMark } from '../delivery/receipt-marks.service.js';
import type { AccountReceipt } from '../delivery/receipts.service.js';
import { type Person, storable } from '../dialog/person.js';
import type { LoadedAccount } from '../gateway/loaded-gateway.js';
import type { TemplateNews } from '../template/template-news.service.js';
import type { ClosedNews } from './closed-news.service.js';
import type { ConsentNews } from './consent-news.service.js';
import type { PersonReach } from './reach-news.service.js';
import type { EchoItem, InboundItem, ItemOf } from './inbound-item.js';
import type { Item } from './normalize.js';
import type { NewUnhandled } from './unhandled.repository.js';

/** A batch by what is to be done with it. */
export interface Sorted {
  readonly inbound: readonly InboundItem[];
  readonly echoes: readonly EchoItem[];
  readonly receipts: readonly AccountReceipt[];
  readonly marks: readonly AccountMark[];
  readonly preferences: readonly ConsentNews[];
  readonly closed: readonly ClosedNews[];
  readonly reaches: readonly PersonReach[];
  readonly templates: readonly TemplateNews[];
  readonly unhandled: readonly NewUnhandled[];
  /** what is only counted */
  readonly unused: readonly { readonly gateway: string; readonly kind: string; readonly count: number }[];
}

export function sortItems(items: readonly Item[]): Sorted {
  return {
    inbound: items.flatMap((item) =>
      item.event.type === 'message' ? ofPerson(item, item.event, item.event.sender) : [],
    ),
    echoes: items.flatMap((item) =>
      item.event.type === 'echo' ? ofPerson(item, item.event, item.event.recipient) : [],
    ),
    receipts: items.flatMap(({ event, account }) =>
      event.type === 'receipt' && account ? [{ accountId: account.id, receipt: event }] : [],
    ),
    marks: items.flatMap(({ event, account }) =>
      event.type === 'receipts' && account
        ? [{ accountId: account.id, mark: event, person: personOf(event.person, account) }]
        : [],
    ),
    preferences: items.flatMap(({ event, account }) =>
      event.type === 'consent' && account ? [{ change: event, person: personOf(event.person, account) }] : [],
    ),
    closed: items.flatMap(({ event, gateway, account }) =>
      event.type === 'closed' && gateway && account
        ? [{ account, person: personOf(event.person, account), at: event.occurredAt }]
        : [],
    ),
    reaches: items.flatMap(({ event, gateway, account }) =>
      event.type === 'reach' && gateway && account
        ? [{ change: event, gatewayId: gateway.id, accountId: account.id, person: personOf(event.person, account) }]
        : [],
    ),
    templates: items.flatMap(toTemplateNews),
    unhandled: items.flatMap(toUnhandled),
    unused: items.flatMap(toUnused),
  };
}

function ofPerson<E extends MessageReceived | EchoReceived>(
  { gateway, account, source }: Item,
  event: E,
  identity: PersonIdentity,
): ItemOf<E>[] {
  if (!gateway || !account) return [];
  return [{ event, gateway, account, receivedAt: source.receivedAt, person: personOf(identity, account) }];
}

function personOf(identity: PersonIdentity, account: LoadedAccount): Person {
  return { scope: { channel: account.channel, realm: account.portfolio ?? account.group }, ...storable(identity) };
}

function toTemplateNews({ event, gateway, channel }: Item): TemplateNews[] {
  if (event.type !== 'template' || !gateway || channel === undefined) return [];
  const facet = gateway.channel(channel)?.templates;
  return facet ? [{ gatewayId: gateway.id, channel, facet, change: event }] : [];
}

function toUnhandled(item: Item): NewUnhandled[] {
  const { event } = item;
  if (event.type === 'unhandled') return [unhandledOf(item, event)];
  if ((event.type === 'message' || event.type === 'echo') && event.attention !== undefined) {
    return [
      unhandledOf(item, { code: 'type.unknown', detail: event.attention, path: event.providerId, raw: event.content }),
    ];
  }
  return [];
}

/** Also kinds of messages without a shape of their own: whoever sees many of them wants one. New kinds share a label. */
function toUnused({ event, gateway: owner }: Item): Sorted['unused'] {
  const gateway = owner?.uri ?? '';
  if (event.type === 'unused') return [{ gateway, kind: event.kind, count: event.count }];
  if (event.type !== 'message' || event.content.type !== 'unsupported') return [];
  const kind = event.attention === undefined ? event.content.providerType : 'unknown';
  return [{ gateway, kind: `message.${kind}`, count: 1 }];
}

export function unhandledOf(
  item: Item,
  { code, detail, path, raw }: Pick<UnhandledUpdate, 'code' | 'detail' | 'path'> & { raw: unknown },
): NewUnhandled {
  return {
    gatewayId: item.gateway?.id ?? null,
    scope: item.scope,
    eventId: item.source.id,
    receivedAt: item.source.receivedAt,
    code,
    detail,
    path,
    raw,
  };
}
