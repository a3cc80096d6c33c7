import type {
  ChannelUpdate,
  GatewayContext,
  InboundEvent,
  JsonObject,
  JsonValue,
  UnhandledUpdate,
} from '../../contract/index.js';
import { asList, asNumber, asObject, asObjects, asText, defined } from '../graph/index.js';
import { COUNTED_LISTS, ECHO_FIELDS, isKnownField } from './fields.js';
import { isAccountField, readAccountChange, readModelIds } from './parse-account.js';
import { readEcho } from './parse-echo.js';
import { readHandover } from './parse-handover.js';
import { readMessage } from './parse-message.js';
import { readPreference } from './parse-preference.js';
import { readReceipt } from './parse-receipt.js';
import { isTemplateField, readTemplateChange } from './parse-template.js';
import { Broken, type ValueContext } from './reading.js';
import { senderOf } from './sender.js';

/** What people tell WhatsApp about the business's marketing messages (Meta: webhooks/reference/user_preferences). */
const PREFERENCES = 'user_preferences';

/** Fields about what is said on one number. */
const ON_NUMBERS = new Set(['messages', 'standby', 'messaging_handovers', PREFERENCES, ...ECHO_FIELDS.keys()]);

/**
 * One change of a webhook → events (Meta: webhooks/reference). Total: whatever the JSON, it answers with events; an item that
 * makes no sense becomes an unhandled one and its neighbours are read as if it were not there.
 */
export function parse(
  update: ChannelUpdate,
  context: Pick<GatewayContext, 'settings'> = { settings: {} },
): readonly InboundEvent[] {
  const change = asObject(update.body);
  const field = asText(change?.['field']);
  if (change === undefined || field === undefined) return [unhandled(update, 'item.broken', 'no field', '')];
  return [...readField(update, field, change, context), ...readModelIds(change, update.group, update.account)];
}

function readField(
  update: ChannelUpdate,
  field: string,
  change: JsonObject,
  context: Pick<GatewayContext, 'settings'>,
): readonly InboundEvent[] {
  const isNews = isTemplateField(field) || isAccountField(field);
  if (!isNews && !ON_NUMBERS.has(field)) return [notUsed(update, field, asObject(change['value']))];
  const value = asObject(change['value']);
  if (value === undefined) {
    return [unhandled(update, 'item.broken', 'value is not an object', '.value', change['value'])];
  }
  const entryTime = asNumber(change['time']);
  if (isNews) return readNews(update, field, value, entryTime);
  const { account } = update;
  if (!account) return [unhandled(update, 'item.broken', 'metadata.phone_number_id is missing', '.value', value)];
  const shared = { account, contacts: asObjects(value['contacts']), entryTime };
  const by = ECHO_FIELDS.get(field);
  if (by !== undefined) return readEchoes(update, value, shared, by);
  if (field === PREFERENCES) return readPreferences(update, value, shared);
  if (field === 'messaging_handovers') {
    const one = { isOneSender: true, ...shared };
    return [reading(update, value, '.value', (item) => readHandover(item, one, context))];
  }
  const isOneSender = isOnePerson(asObjects(value['messages']), (message) => senderOf(message)?.key);
  const standby = field === 'standby' || undefined;
  return readValue(update, value, { isOneSender, standby, ...shared });
}

/** Known and of no use here: calls, groups, history import, commerce, and what else is counted only. */
function notUsed(update: ChannelUpdate, field: string, value: JsonObject | undefined): InboundEvent {
  if (!isKnownField(field)) {
    return unhandled(update, 'field.unknown', `webhook field ${field} is not known`, '');
  }
  const list = asList(value?.[COUNTED_LISTS.get(field) ?? '']);
  return unused(update, field, Math.max(list.length, 1));
}

function unused({ account, group, path }: ChannelUpdate, kind: string, count: number): InboundEvent {
  return defined({ type: 'unused' as const, account, group, kind, count, path });
}

function readNews(
  update: ChannelUpdate,
  field: string,
  value: JsonObject,
  entryTime: ValueContext['entryTime'],
): readonly InboundEvent[] {
  const { group } = update;
  if (group === undefined) return [unhandled(update, 'item.broken', 'the entry has no id', '.value', value)];
  const read = isTemplateField(field) ? readTemplateChange : readAccountChange;
  try {
    return read(field, value, group, entryTime);
  } catch (error) {
    if (error instanceof Broken) return [unhandled(update, 'item.broken', error.message, '.value', value)];
    throw error;
  }
}

type Shared = Omit<ValueContext, 'isOneSender'>;

function readEchoes(
  update: ChannelUpdate,
  value: JsonObject,
  shared: Shared,
  by: 'app' | 'integration',
): InboundEvent[] {
  const echoes = asObjects(value['message_echoes']);
  const isOneSender = isOnePerson(echoes, ({ to, to_user_id: id }) => asText(id) ?? asText(to));
  const context = { isOneSender, ...shared };
  const events = readItems(update, value, 'message_echoes', (item, path) => readEcho(item, context, by, path));
  return events.length > 0 ? events : [unhandled(update, 'item.broken', 'no message_echoes', '.value', value)];
}

function readPreferences(update: ChannelUpdate, value: JsonObject, shared: Shared): InboundEvent[] {
  const context = { isOneSender: asList(value[PREFERENCES]).length === 1, ...shared };
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
    // what the owner answers in a conversation that we are on standby for
    ...(value['message_echoes'] === undefined ? [] : readEchoes(update, value, context, 'integration')),
  ];
  if (events.length > 0) return events;
  // MM API: link clicks (Meta changelog, 2026) come in this field as well
  const clicks = value['user_actions'];
  if (Array.isArray(clicks)) return [unused(update, 'user_actions', Math.max(clicks.length, 1))];
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
    return reading(update, object, path, read);
  });
}

function reading(update: ChannelUpdate, item: JsonObject, path: string, read: ReadItem): InboundEvent {
  try {
    return read(item, path);
  } catch (error) {
    if (error instanceof Broken) return unhandled(update, 'item.broken', error.message, path, item);
    throw error;
  }
}

/** Errors of the account as a whole, e.g. that it is throttled (Meta: whatsapp/support/error-codes). */
function providerError(update: ChannelUpdate, error: JsonObject, path: string): UnhandledUpdate {
  const code = asNumber(error['code']) ?? 'no code';
  const title = asText(error['title']) ?? asText(error['message']) ?? 'no reason given';
  return unhandled(update, 'provider.error', `${code}: ${title}`, path, error);
}

/** True when all items are about one person, so that a single contact without a matching id must be theirs. */
function isOnePerson(items: readonly JsonObject[], keyOf: (item: JsonObject) => string | undefined): boolean {
  return new Set(items.map(keyOf)).size <= 1;
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
