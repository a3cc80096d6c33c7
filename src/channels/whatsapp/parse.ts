import type {
  AccountAddress,
  ChannelUpdate,
  InboundEvent,
  JsonObject,
  JsonValue,
  UnhandledUpdate,
} from '../../contract/index.js';
import { asList, asNumber, asObject, asObjects, asText, defined } from '../graph/index.js';
import { isKnownField } from './fields.js';
import { isAccountField, readAccountChange } from './parse-account.js';
import { readPreference } from './parse-preference.js';
import { readMessage } from './parse-message.js';
import { readReceipt } from './parse-receipt.js';
import { isTemplateField, readTemplateChange } from './parse-template.js';
import { Broken, type ValueContext } from './reading.js';
import { senderOf } from './sender.js';

/** What people tell WhatsApp about the business's marketing messages (Meta: webhooks/reference/user_preferences). */
const PREFERENCES = 'user_preferences';

/**
 * One change of a webhook → events (Meta: webhooks/reference/messages). Total: whatever the JSON, it answers with events;
 * an item that makes no sense becomes an unhandled one and its neighbours are read as if it were not there.
 */
export function parse(update: ChannelUpdate): readonly InboundEvent[] {
  const change = asObject(update.body);
  const field = asText(change?.['field']);
  if (change === undefined || field === undefined) return [unhandled(update, 'item.broken', 'no field', '')];
  if (isTemplateField(field)) return readNews(update, field, change, readTemplateChange);
  if (isAccountField(field)) return readNews(update, field, change, readAccountChange);
  if (field !== 'messages' && field !== PREFERENCES) {
    const isKnown = isKnownField(field);
    const detail = `webhook field ${field} is ${isKnown ? 'not used yet' : 'not known'}`;
    return [unhandled(update, isKnown ? 'field.unused' : 'field.unknown', detail, '')];
  }
  const value = asObject(change['value']);
  if (value === undefined)
    return [unhandled(update, 'item.broken', 'value is not an object', '.value', change['value'])];
  if (!update.account) {
    return [unhandled(update, 'item.broken', 'metadata.phone_number_id is missing', '.value', value)];
  }
  if (field === PREFERENCES) return readPreferences(update, value, update.account, asNumber(change['time']));
  return readValue(update, value, {
    account: update.account,
    contacts: asObjects(value['contacts']),
    isOneSender: isOneSender(asObjects(value['messages'])),
    entryTime: asNumber(change['time']),
  });
}

/** Empty: it tells nothing that is used. */
type ReadNews = (
  field: string,
  value: JsonObject,
  group: string,
  entryTime: ValueContext['entryTime'],
) => readonly InboundEvent[];

function readNews(update: ChannelUpdate, field: string, change: JsonObject, read: ReadNews): readonly InboundEvent[] {
  const value = asObject(change['value']);
  if (value === undefined) {
    return [unhandled(update, 'item.broken', 'value is not an object', '.value', change['value'])];
  }
  if (update.group === undefined) return [unhandled(update, 'item.broken', 'the entry has no id', '.value', value)];
  try {
    const events = read(field, value, update.group, asNumber(change['time']));
    if (events.length > 0) return events;
    const isTemplate = isTemplateField(field);
    const detail = `webhook field ${field} ${isTemplate ? 'announces a change to come' : 'tells nothing that is used yet'}`;
    return [unhandled(update, 'field.unused', detail, '.value', value)];
  } catch (error) {
    if (error instanceof Broken) return [unhandled(update, 'item.broken', error.message, '.value', value)];
    throw error;
  }
}

function readPreferences(
  update: ChannelUpdate,
  value: JsonObject,
  account: AccountAddress,
  entryTime: number | undefined,
): InboundEvent[] {
  const list = asList(value[PREFERENCES]);
  const context = { account, contacts: asObjects(value['contacts']), isOneSender: list.length === 1, entryTime };
  const events = readItems(
    update,
    value,
    PREFERENCES,
    (item, path) =>
      readPreference(item, context) ?? unhandled(update, 'type.unknown', 'a preference that is not known', path, item),
  );
  return events.length > 0 ? events : [unhandled(update, 'item.broken', `no ${PREFERENCES}`, '.value', value)];
}

function readValue(update: ChannelUpdate, value: JsonObject, context: ValueContext): InboundEvent[] {
  const events = [
    ...readItems(update, value, 'messages', (item) => readMessage(item, context)),
    ...readItems(update, value, 'statuses', (item) => readReceipt(item, context)),
    ...readItems(update, value, 'errors', (item, path) => providerError(update, item, path)),
  ];
  if (events.length > 0) return events;
  // MM API: link clicks (Meta changelog, 2026) come in this field as well
  const isUnused = Array.isArray(value['user_actions']);
  if (isUnused) return [unhandled(update, 'field.unused', 'user_actions are not used yet', '.value', value)];
  return [unhandled(update, 'item.broken', 'neither messages nor statuses nor errors', '.value', value)];
}

type ReadItem = (item: JsonObject, path: string) => InboundEvent;

function readItems(update: ChannelUpdate, value: JsonObject, key: string, read: ReadItem): InboundEvent[] {
  const list = value[key];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) return [unhandled(update, 'item.broken', `${key} is not a list`, `.value.${key}`, list)];
  return asList(list).map((item, index) => {
    const path = `.value.${key}[${index}]`;
    const object = asObject(item);
    if (object === undefined) return unhandled(update, 'item.broken', 'not an object', path, item);
    try {
      return read(object, path);
    } catch (error) {
      if (error instanceof Broken) return unhandled(update, 'item.broken', error.message, path, object);
      throw error;
    }
  });
}

/** Errors of the account as a whole, e.g. that it is throttled (Meta: whatsapp/support/error-codes). */
function providerError(update: ChannelUpdate, error: JsonObject, path: string): UnhandledUpdate {
  const code = asNumber(error['code']) ?? 'no code';
  const title = asText(error['title']) ?? asText(error['message']) ?? 'no reason given';
  return unhandled(update, 'provider.error', `${code}: ${title}`, path, error);
}

/** True when all messages of the value are one person's, so that a single contact without a matching id must be theirs. */
function isOneSender(messages: readonly JsonObject[]): boolean {
  return new Set(messages.map((message) => senderOf(message)?.key)).size <= 1;
}

function unhandled(
  update: ChannelUpdate,
  code: string,
  detail: string,
  path: string,
  raw: JsonValue | undefined = update.body,
): UnhandledUpdate {
  const { account, group } = update;
  return defined({
    type: 'unhandled' as const,
    account,
    group,
    code,
    detail,
    path: update.path + path,
    raw: raw ?? null,
  });
}
