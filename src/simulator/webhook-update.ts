import type { MessageStatus } from './fault.types.js';
import type { JsonObject } from './world.types.js';

/** One thing Meta has to say; what it becomes on the wire is decided by faults and targets. */
export interface Update {
  wabaId: string;
  /** The number it belongs to, if any: its override comes first. */
  phoneNumberId: string | undefined;
  field: string;
  value: JsonObject;
  kind: 'message' | 'status' | 'other';
  /** The customer concerned. */
  to?: string | undefined;
  status?: MessageStatus | undefined;
  /** Unix seconds for `entry.time`; `messages` payloads often omit it. */
  time?: number | undefined;
}

interface Change {
  field: string;
  value: JsonObject;
}

/** What shares the value of a change, with its contacts by their text. */
interface Shared {
  change: Change;
  items: 'messages' | 'statuses';
  number: unknown;
  contacts: Map<string, unknown>;
}

/** A POST body. One update is one change in one entry; several share entries, changes and even one value. */
export function envelopeOf(updates: readonly Update[]): JsonObject {
  const entries = new Map<string, { id: string; time?: number; changes: Change[]; last: Shared | undefined }>();
  for (const update of updates) {
    let entry = entries.get(update.wabaId);
    if (entry === undefined) {
      const time = update.time === undefined ? {} : { time: update.time };
      entry = { id: update.wabaId, ...time, changes: [], last: undefined };
      entries.set(update.wabaId, entry);
    }
    if (entry.last === undefined || !joins(entry.last, update)) {
      const change = { field: update.field, value: update.value };
      entry.changes.push(change);
      entry.last = updates.length === 1 ? undefined : sharable(change);
    }
  }
  const entry = [...entries.values()].map(({ last: _last, ...shown }) => shown);
  return { object: 'whatsapp_business_account', entry };
}

/** Messages of one number share one value, and so do its statuses; two kinds do not. */
function joins(last: Shared, { field, value }: Update): boolean {
  const more = value[last.items];
  if (last.change.field !== field || !Array.isArray(more) || phoneNumberIdOf(value) !== last.number) {
    return false;
  }
  (last.change.value[last.items] as unknown[]).push(...(more as unknown[]));
  for (const contact of [value['contacts'] ?? []].flat()) {
    const text = JSON.stringify(contact);
    if (!last.contacts.has(text)) {
      last.contacts.set(text, contact);
      const contacts = (last.change.value['contacts'] ??= []) as unknown[];
      contacts.push(contact);
    }
  }
  return true;
}

/** Makes the value of a change our own, so that others can be put into it without changing theirs. */
function sharable(change: Change): Shared | undefined {
  const { value } = change;
  const number = phoneNumberIdOf(value);
  const items = Array.isArray(value['messages']) ? 'messages' : 'statuses';
  const own = value[items];
  if (number === undefined || !Array.isArray(own)) {
    return undefined;
  }
  const contacts = [value['contacts'] ?? []].flat() as unknown[];
  // Contacts stand before what they are about.
  const { [items]: _items, contacts: _contacts, ...frame } = value;
  change.value = {
    ...frame,
    ...(contacts.length > 0 ? { contacts: [...contacts] } : {}),
    [items]: [...(own as unknown[])],
  };
  return { change, items, number, contacts: new Map(contacts.map((contact) => [JSON.stringify(contact), contact])) };
}

function phoneNumberIdOf(value: JsonObject): unknown {
  return (value['metadata'] as JsonObject | undefined)?.['phone_number_id'];
}
