import type { AccountLimits, JsonObject, JsonValue, Tier } from '../../contract/index.js';
import { asNumber, asObject, asText, defined } from '../graph/index.js';

/** Messages per second by level; in and out are counted together. Meta: whatsapp/throughput */
const THROUGHPUT: ReadonlyMap<string, number> = new Map([
  ['STANDARD', 80],
  ['HIGH', 1000],
]);

/** A number that its owner also uses in the WhatsApp Business app, whatever else is said of it. Meta: whatsapp/throughput */
const COEXISTENCE = 20;

/** Meta prints -1 for unlimited in some fields, and columns of ours hold no more than this. */
const MOST = 2_147_483_647;

/** What a phone number's fields say of how much it may send. */
export function limits(details: JsonObject): AccountLimits {
  return defined({ throughput: throughputOf(details), tier: tierOf(details) });
}

function throughputOf(details: JsonObject): number | undefined {
  if (details['is_on_biz_app'] === true) return COEXISTENCE;
  const given = details['throughput'];
  const level = asObject(given)?.['level'] ?? given;
  const exact = asNumber(level);
  if (exact !== undefined) return exact > 0 ? exact : undefined;
  return THROUGHPUT.get(asText(level)?.trim().toUpperCase() ?? '');
}

/** The limit is the portfolio's since October 2025; the older name is read where stored details have no other. */
function tierOf(details: JsonObject): Tier | undefined {
  const given = details['whatsapp_business_manager_messaging_limit'] ?? details['messaging_limit_tier'];
  return readTier(given);
}

/** `TIER_2K`, `TIER_UNLIMITED`, 2000, -1: what Meta writes for a limit; undefined for `TIER_NOT_SET` and what makes no sense. */
export function readTier(value: JsonValue | undefined): Tier | undefined {
  const number = asNumber(value);
  if (number !== undefined) return ofNumber(number);
  const name = asText(value)?.trim().toUpperCase();
  if (name === undefined) return undefined;
  if (name === 'TIER_UNLIMITED') return { name, limit: null };
  const [, digits, unit] = /^TIER_(\d{1,9})(K|M)?$/.exec(name) ?? [];
  if (digits === undefined) return undefined;
  const limit = Number(digits) * (unit === 'K' ? 1000 : unit === 'M' ? 1_000_000 : 1);
  return limit > 0 ? { name, limit: Math.min(limit, MOST) } : undefined;
}

function ofNumber(number: number): Tier | undefined {
  if (number === -1) return { name: 'TIER_UNLIMITED', limit: null };
  if (!Number.isInteger(number) || number < 1) return undefined;
  const name = number % 1000 === 0 ? `TIER_${number / 1000}K` : `TIER_${number}`;
  return { name, limit: Math.min(number, MOST) };
}
