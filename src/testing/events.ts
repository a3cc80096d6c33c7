import type { InboundEvent, PersonIdentity } from '../contract/index.js';

/** By what the core knows an event again; undefined for what is no fact about anybody. */
export function identityOf(event: InboundEvent): string | undefined {
  switch (event.type) {
    case 'message':
    case 'echo':
      return `${event.type} ${event.account.address} ${event.providerId}`;
    case 'receipt':
      return `receipt ${event.account.address} ${event.providerId} ${event.status} ${event.participant ?? ''}`;
    case 'template':
    case 'account':
      return `${event.type} ${event.group} ${event.key}`;
    case 'consent':
      return `consent ${event.account.address} ${personOf(event.person)} ${event.topic} ${event.state}`;
    case 'closed':
      return `closed ${event.account.address} ${personOf(event.person)}`;
    case 'reach':
      return `reach ${event.account.address} ${personOf(event.person)} ${event.state}`;
    case 'receipts':
      return `receipts ${event.account.address} ${personOf(event.person)} ${event.status} ${event.upTo.getTime()}`;
    case 'unused':
    case 'unhandled':
      return undefined;
  }
}

/** Identities of all, in order. */
export function identitiesOf(events: readonly InboundEvent[]): readonly string[] {
  return events.map(identityOf).filter((identity) => identity !== undefined);
}

/** What is wrong with an event, in a sentence; undefined: nothing. */
export function flawOf(event: InboundEvent): string | undefined {
  switch (event.type) {
    case 'message':
      return (
        placeFlaw(event) ?? idFlaw(event.providerId) ?? personFlaw(event.sender, 'sender') ?? contentFlaw(event.content)
      );
    case 'echo':
      return (
        placeFlaw(event) ??
        idFlaw(event.providerId) ??
        personFlaw(event.recipient, 'recipient') ??
        contentFlaw(event.content)
      );
    case 'receipt':
      return (
        placeFlaw(event) ?? idFlaw(event.providerId) ?? (isText(event.status) ? undefined : 'its status is no text')
      );
    case 'consent':
    case 'closed':
    case 'reach':
      return placeFlaw(event) ?? personFlaw(event.person, 'person');
    case 'receipts':
      return placeFlaw({ ...event, occurredAt: event.upTo }) ?? personFlaw(event.person, 'person');
    case 'template':
    case 'account':
      if (!isText(event.group)) return 'it names no group';
      return isText(event.key) ? timeFlaw(event.occurredAt) : 'its key, by which it is known again, is empty';
    case 'unused':
      return isText(event.kind) && Number.isInteger(event.count) ? undefined : 'it needs a kind and a count';
    case 'unhandled':
      return isText(event.code) && isText(event.detail) && typeof event.path === 'string' && 'raw' in event
        ? undefined
        : 'it needs code, detail, path and raw';
    default:
      return `the type ${String((event as { type?: unknown }).type)} is none of the contract`;
  }
}

interface Placed {
  readonly account: { readonly address: string };
  readonly occurredAt: Date;
}

function placeFlaw({ account, occurredAt }: Placed): string | undefined {
  return isText(account?.address) ? timeFlaw(occurredAt) : 'its account has no address';
}

function timeFlaw(at: unknown): string | undefined {
  return at instanceof Date && !Number.isNaN(at.getTime()) ? undefined : 'occurredAt is no valid Date';
}

function idFlaw(id: unknown): string | undefined {
  return isText(id) ? undefined : 'its providerId, by which it is known again, is empty';
}

function personFlaw(person: PersonIdentity | undefined, name: string): string | undefined {
  if (!isText(person?.phone) && !isText(person?.userId)) return `its ${name} has neither phone nor userId`;
  const isPhone = person?.phone === undefined || /^\d+$/.test(person.phone);
  return isPhone ? undefined : `the phone of its ${name} is not digits alone`;
}

function contentFlaw(content: { readonly type?: unknown } | undefined): string | undefined {
  return isText(content?.type) ? undefined : 'its content has no type';
}

function personOf({ userId, phone }: PersonIdentity): string {
  return userId ?? phone ?? '';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
