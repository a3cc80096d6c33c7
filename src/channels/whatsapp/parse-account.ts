import type { AccountChanged, JsonObject } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';
import { readTier } from './limits.js';
import { Broken, type ValueContext, readTime } from './reading.js';
import { phoneDigits } from './sender.js';

/** What one webhook tells of a number, of its WhatsApp Business Account, or of the limit that they share. */
type Told = Pick<
  AccountChanged,
  'address' | 'phone' | 'name' | 'details' | 'groupDetails' | 'limit' | 'event' | 'group' | 'mended'
> & {
  /** keeps news of one field apart, where several stand side by side */
  readonly subject?: string;
};
type ReadTold = (value: JsonObject) => Reading;
type Reading = { readonly [K in keyof Told]?: Told[K] | undefined };

/** Newest spelling first: until October 2025 the limit was a number's, and its older names went on until February 2026. */
const LIMIT_KEYS = [
  'max_daily_conversations_per_business',
  'max_daily_conversation_per_business',
  'max_daily_conversations_per_phone',
  'max_daily_conversation_per_phone',
  'current_limit',
];

/** Event of a number → what its fields are from then on. */
const NUMBER_EVENTS: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['THROUGHPUT_UPGRADE', { throughput: { level: 'HIGH' } }],
  ['FLAGGED', { status: 'FLAGGED' }],
  ['UNFLAGGED', { status: 'CONNECTED' }],
  ['ACCOUNT_OFFBOARDED', { status: 'DISCONNECTED' }],
  ['ACCOUNT_RECONNECTED', { status: 'CONNECTED' }],
  ['PHONE_NUMBER_REMOVED', { status: 'DELETED' }],
]);

/** Decision on a name → what its fields are from then on. Meta: webhooks/reference/phone_number_name_update */
const NAME_DECISIONS: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['APPROVED', { name_status: 'APPROVED', new_name_status: 'NONE' }],
  ['REJECTED', { new_name_status: 'DECLINED' }],
  ['DEFERRED', { new_name_status: 'PENDING_REVIEW' }],
]);

/** Webhook field → how it is read. */
const FIELDS: ReadonlyMap<string, ReadTold> = new Map<string, ReadTold>([
  ['phone_number_quality_update', readQuality],
  ['phone_number_name_update', readName],
  ['account_update', readAccountUpdate],
  ['account_alerts', readAlert],
  [
    'account_review_update',
    (value) => {
      const event = eventOf(value, 'decision');
      return {
        event,
        groupDetails: { account_review_status: value['decision'] },
        mended: mendedBy(event === 'APPROVED'),
      };
    },
  ],
  ['account_settings_update', readSettings],
  ['business_capability_update', (value) => ({ limit: limitOf(value) })],
  ['business_status_update', (value) => ({ event: eventOf(value) })],
  ['business_username_update', readUsername],
  ['business_username_updates', readUsername],
  ['security', (value) => ofNumber(value, 'display_phone_number')],
]);

export function isAccountField(field: string): boolean {
  return FIELDS.has(field);
}

/**
 * What changed for one number or its account, and what for everything that shares its limit. Whatever the event, its words are
 * kept as news: what Meta has invented since is told as well.
 */
export function readAccountChange(
  field: string,
  value: JsonObject,
  group: string,
  entryTime: ValueContext['entryTime'],
): readonly AccountChanged[] {
  const { limit, subject, ...told } = FIELDS.get(field)?.(value) ?? {};
  const topic = field === 'business_username_update' ? 'business_username_updates' : field;
  const occurredAt = readTime(value['timestamp'], { entryTime });
  const base = {
    type: 'account' as const,
    topic,
    ...(told.event !== undefined && { event: told.event }),
    // the entry of a partner's event names the partner
    group: told.group ?? group,
    occurredAt,
    raw: value,
  };
  const key = (...words: (string | undefined)[]): string =>
    [topic, base.group, occurredAt.getTime(), told.event, ...words].filter((word) => word !== undefined).join('|');
  const news = { key: [topic, subject].filter((word) => word !== undefined).join(':'), value };
  const own = { ...defined(told), ...base, news, key: key(told.phone ?? told.address, subject) };
  if (!limit) return [own];
  const shared = { limit, details: { whatsapp_business_manager_messaging_limit: limit.name }, key: key(limit.name) };
  const isOfOne = told.phone !== undefined || told.address !== undefined;
  return isOfOne ? [own, { ...base, ...shared }] : [{ ...own, ...shared }];
}

/**
 * Ids of the new account model (Meta: whatsapp account and messaging account, 2026), wherever they come. They name what a number
 * belongs to, so they are kept once and for all.
 */
export function readModelIds(
  change: JsonObject,
  group: string | undefined,
  account: { readonly address: string } | undefined,
): readonly AccountChanged[] {
  const value = asObject(change['value']);
  const find = (...names: string[]): string | undefined =>
    [asObject(value?.['metadata']), value, change].flatMap((place) =>
      names.flatMap((name) => asId(place?.[name]) ?? []),
    )[0];
  const ids = defined({
    messaging_account_id: find('messaging_account_id', 'paid_messaging_account_id'),
    waac_id: find('waac_id'),
  });
  if (group === undefined || Object.keys(ids).length === 0) return [];
  return [
    defined({
      type: 'account' as const,
      group,
      address: account?.address,
      topic: 'account_model',
      standing: true as const,
      key: `account_model|${group}|${account?.address ?? ''}|${Object.values(ids).join('|')}`,
      occurredAt: new Date(0),
      news: { key: 'account_model', value: ids },
      raw: ids,
    }),
  ];
}

function eventOf(value: JsonObject, key = 'event'): string | undefined {
  return asText(value[key])?.toUpperCase();
}

function ofNumber(value: JsonObject, key: string): Reading {
  const event = eventOf(value);
  const phone = phoneDigits(value[key]);
  return defined({ event, phone, details: phone === undefined ? undefined : NUMBER_EVENTS.get(event ?? '') });
}

function readQuality(value: JsonObject): Reading {
  const told = ofNumber(value, 'display_phone_number');
  const isOfOne = NUMBER_EVENTS.has(told.event ?? '');
  if (isOfOne && told.phone === undefined) throw new Broken('display_phone_number is missing');
  return { ...told, limit: limitOf(value) };
}

function readName(value: JsonObject): Reading {
  const event = eventOf(value, 'decision');
  const name = event === 'APPROVED' ? asText(value['requested_verified_name']) : undefined;
  const phone = phoneDigits(value['display_phone_number']);
  const status = phone === undefined ? undefined : NAME_DECISIONS.get(event ?? '');
  return defined({
    event,
    phone,
    name,
    details: status && { ...status, ...(name && { verified_name: name }) },
    mended: mendedBy(event === 'APPROVED'),
  });
}

/** Restrictions, bans, disconnections and what else befalls an account. Meta: webhooks/reference/account_update */
function readAccountUpdate(value: JsonObject): Reading {
  const country = eventOf(value) === 'BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE' ? asText(value['country']) : undefined;
  return defined({
    ...ofNumber(value, 'phone_number'),
    group: asId(asObject(value['waba_info'])?.['waba_id']),
    subject: eventOf(value),
    groupDetails: country === undefined ? undefined : { country },
    limit: limitOf(value),
    mended: mendedBy(isReinstated(value)),
  });
}

/**
 * News after which Meta may take messages that it refused before: a restriction or ban is lifted, the account is back, a review or
 * a display name was approved. Of payment methods Meta tells nothing.
 */
function mendedBy(isMended: boolean): true | undefined {
  return isMended || undefined;
}

function isReinstated(value: JsonObject): boolean {
  const event = eventOf(value);
  if (event === 'ACCOUNT_RECONNECTED' || event === 'REINSTATED_UPDATE') return true;
  return eventOf(asObject(value['ban_info']) ?? {}, 'waba_ban_state') === 'REINSTATE';
}

/** Older payloads have the four members of `alert_info` flat. Meta: webhooks/reference/account_alerts */
function readAlert(value: JsonObject): Reading {
  const alert = asObject(value['alert_info']) ?? value;
  const event = eventOf(alert, 'alert_type');
  const isOfNumber = eventOf(value, 'entity_type') === 'PHONE_NUMBER';
  return defined({ event, subject: event, address: isOfNumber ? asId(value['entity_id']) : undefined });
}

function readSettings(value: JsonObject): Reading {
  const settings = asObject(value['phone_number_settings']);
  return defined({ event: eventOf(value, 'type'), address: asId(settings?.['phone_number_id']) });
}

/** `username` is absent when it was taken away. Meta: whatsapp/business-scoped-user-ids */
function readUsername(value: JsonObject): Reading {
  const phone = phoneDigits(value['display_phone_number']);
  const event = eventOf(value, 'status');
  const username = event === 'DELETED' ? null : asText(value['username']);
  const isKnown = phone !== undefined && username !== undefined && event !== 'RESERVED';
  return defined({ event, phone, details: isKnown ? { username } : undefined });
}

function limitOf(value: JsonObject): AccountChanged['limit'] {
  const key = LIMIT_KEYS.find((name) => value[name] !== undefined && value[name] !== null);
  const tier = key === undefined ? undefined : readTier(value[key]);
  // there it names the step of throughput that was taken: a number is upgraded below the unlimited tier as well
  const isOfThroughput = eventOf(value) === 'THROUGHPUT_UPGRADE' && tier?.limit === null;
  return isOfThroughput ? undefined : tier;
}
