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

/** A POST body. One update is one change in one entry; several share entries, changes and even one value. */
export function envelopeOf(updates: readonly Update[]): JsonObject {
  const entries = new Map<string, { id: string; time?: number; changes: { field: string; value: JsonObject }[] }>();
  for (const update of updates) {
    let entry = entries.get(update.wabaId);
    if (entry === undefined) {
      entry = { id: update.wabaId, ...(update.time === undefined ? {} : { time: update.time }), changes: [] };
      entries.set(update.wabaId, entry);
    }
    const last = entry.changes.at(-1);
    const merged = last && last.field === update.field ? mergeValues(last.value, update.value) : undefined;
    if (last && merged) {
      last.value = merged;
    } else {
      entry.changes.push({ field: update.field, value: update.value });
    }
  }
  return { object: 'whatsapp_business_account', entry: [...entries.values()] };
}

/** Messages of one number share one value, and so do its statuses; two kinds do not. */
function mergeValues(one: JsonObject, other: JsonObject): JsonObject | undefined {
  const number = phoneNumberIdOf(one);
  if (number === undefined || number !== phoneNumberIdOf(other)) {
    return undefined;
  }
  for (const items of ['messages', 'statuses']) {
    const [first, second] = [one[items], other[items]];
    if (Array.isArray(first) && Array.isArray(second)) {
      return { ...one, ...contactsOf(one, other), [items]: [...first, ...second] };
    }
  }
  return undefined;
}

function phoneNumberIdOf(value: JsonObject): unknown {
  return (value['metadata'] as JsonObject | undefined)?.['phone_number_id'];
}

function contactsOf(one: JsonObject, other: JsonObject): JsonObject {
  const contacts = new Map<string, unknown>();
  for (const contact of [one['contacts'], other['contacts']].flat()) {
    if (contact !== undefined) {
      contacts.set(JSON.stringify(contact), contact);
    }
  }
  return contacts.size === 0 ? {} : { contacts: [...contacts.values()] };
}
