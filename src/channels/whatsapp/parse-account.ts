import type { AccountChanged, JsonObject, Tier } from '../../contract/index.js';
import { asText, defined } from '../graph/index.js';
import { readTier } from './limits.js';
import { Broken, type ValueContext, readTime } from './reading.js';
import { phoneDigits } from './sender.js';

/** Webhook fields that may tell of a limit. Meta: webhooks/reference/phone_number_quality_update, /business_capability_update */
const QUALITY = 'phone_number_quality_update';
const ACCOUNT = 'account_update';
const REVIEW = 'account_review_update';
const NAME = 'phone_number_name_update';
const FIELDS: ReadonlySet<string> = new Set([QUALITY, 'business_capability_update', ACCOUNT, REVIEW, NAME]);

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
]);

export function isAccountField(field: string): boolean {
  return FIELDS.has(field);
}

/** What changed for one number, and what for everything that shares its limit; empty: nothing that concerns sending. */
export function readAccountChange(
  field: string,
  value: JsonObject,
  group: string,
  entryTime: ValueContext['entryTime'],
): readonly AccountChanged[] {
  const event = asText(value['event'])?.toUpperCase();
  const phone = phoneDigits(value['display_phone_number']);
  const details = field === QUALITY ? NUMBER_EVENTS.get(event ?? '') : undefined;
  const tier = limitOf(value, event);
  const isMended = tellsOfMending(field, value, event);
  if (details === undefined && tier === undefined && !isMended) return [];
  if (details !== undefined && phone === undefined) throw new Broken('display_phone_number is missing');
  const occurredAt = readTime(undefined, { entryTime });
  const key = (...words: (string | undefined)[]): string =>
    [field, group, occurredAt.getTime(), event, ...words].filter((word) => word !== undefined).join('|');
  const base = { type: 'account' as const, group, occurredAt, raw: value };
  const ofNumber = details && { ...base, phone, details, key: key(phone) };
  const ofAll = tier && {
    ...base,
    limit: tier,
    details: { whatsapp_business_manager_messaging_limit: tier.name },
    key: key(tier.name),
  };
  const ofMending = isMended && { ...base, phone, mended: true as const, key: key(phone) };
  return [ofNumber, ofAll, ofMending || undefined].flatMap((change) => (change === undefined ? [] : [defined(change)]));
}

/**
 * News after which Meta may take messages that it refused before: a restriction or ban is lifted, the account is back, a review or
 * a display name was approved. Of payment methods Meta tells nothing. Meta: webhooks/reference/account_update
 */
function tellsOfMending(field: string, value: JsonObject, event: string | undefined): boolean {
  if (field === REVIEW || field === NAME) return asText(value['decision'])?.toUpperCase() === 'APPROVED';
  if (field !== ACCOUNT) return false;
  if (event === 'ACCOUNT_RECONNECTED' || event === 'REINSTATED_UPDATE') return true;
  const ban = value['ban_info'];
  const state =
    typeof ban === 'object' && ban !== null && !Array.isArray(ban) ? asText(ban['waba_ban_state']) : undefined;
  return state?.toUpperCase() === 'REINSTATE';
}

function limitOf(value: JsonObject, event: string | undefined): Tier | undefined {
  const key = LIMIT_KEYS.find((name) => value[name] !== undefined && value[name] !== null);
  const tier = key === undefined ? undefined : readTier(value[key]);
  // there it names the step of throughput that was taken: a number is upgraded below the unlimited tier as well
  const isOfThroughput = event === 'THROUGHPUT_UPGRADE' && tier?.limit === null;
  return isOfThroughput ? undefined : tier;
}
