import { tierName } from './levels.js';
import type { Platform } from './platform.js';
import { digitsOf } from './phone.js';
import type { JsonObject, SimPhoneNumber } from './world.types.js';

/** What Meta may change about a number in the middle of everything. */
export interface NumberChange {
  /** `STANDARD`, `HIGH`, or a number of messages per second. */
  throughput?: string;
  /** Messages per second, whatever the level says; Graph does not show it. */
  mps?: number;
  quality?: string;
  status?: string;
  name?: string;
  nameStatus?: string;
  /** In place of the health that follows from the status. */
  health?: JsonObject;
  /** Of the portfolio that owns the number's WABA. */
  messagingLimit?: number | 'unlimited';
  /** Whether webhooks tell of it. @default false */
  announce?: boolean;
}

/** Changes a number and, when asked, says so in the webhooks that Meta has for it. Meta: webhooks/reference/phone_number_quality_update */
export function changeNumber(platform: Platform, id: string, change: NumberChange): SimPhoneNumber {
  const { world } = platform;
  const number = world.phoneNumber(id);
  const owner = world.waba(number.wabaId).owner_business_info?.id;
  const wasRed = number.quality_rating === 'RED';
  if (change.messagingLimit !== undefined && owner === undefined) {
    throw new Error(`no business owns the WABA of the number ${id}: it has no messaging limit`);
  }
  number.throughput = { level: change.throughput ?? number.throughput.level };
  number.mps = change.mps ?? number.mps;
  number.quality_rating = change.quality ?? number.quality_rating;
  number.status = change.status ?? number.status;
  number.verified_name = change.name ?? number.verified_name;
  number.name_status = change.nameStatus ?? number.name_status;
  if (change.health !== undefined) {
    number.extra = { ...number.extra, health_status: change.health };
  }
  if (owner !== undefined && change.messagingLimit !== undefined) {
    world.business(owner).messagingLimit = change.messagingLimit;
  }
  if (change.announce) {
    if (change.throughput !== undefined) {
      announce(platform, number, 'THROUGHPUT_UPGRADE');
    }
    const isRed = number.quality_rating === 'RED';
    if (isRed !== wasRed) {
      announce(platform, number, isRed ? 'FLAGGED' : 'UNFLAGGED');
    }
    if (owner !== undefined && change.messagingLimit !== undefined) {
      announceCapability(platform, owner, change.messagingLimit);
    }
  }
  return number;
}

/** The messaging limit that Graph shows on a number: its portfolio's, as long as the world gives that one any. */
export function messagingLimitOf(platform: Platform, number: SimPhoneNumber): string {
  const { world } = platform;
  const owner = world.wabas.get(number.wabaId)?.owner_business_info?.id ?? '';
  const limit = world.businesses.get(owner)?.messagingLimit;
  return limit === undefined ? number.whatsapp_business_manager_messaging_limit : tierName(limit);
}

function announce(platform: Platform, number: SimPhoneNumber, event: string): void {
  publish(platform, number.wabaId, 'phone_number_quality_update', {
    display_phone_number: digitsOf(number.display_phone_number),
    event,
    max_daily_conversations_per_business: messagingLimitOf(platform, number),
  });
}

/** Told to every WABA of the portfolio. Meta: webhooks/reference/business_capability_update */
function announceCapability(platform: Platform, businessId: string, limit: number | 'unlimited'): void {
  const isSmall = limit !== 'unlimited' && limit < 2000;
  for (const wabaId of platform.world.business(businessId).owned) {
    publish(platform, wabaId, 'business_capability_update', {
      max_daily_conversations_per_business: tierName(limit),
      max_phone_numbers_per_business: isSmall ? 2 : 20,
    });
  }
}

function publish({ clock, webhooks }: Platform, wabaId: string, field: string, value: JsonObject): void {
  void webhooks.publish({ wabaId, phoneNumberId: undefined, field, value, kind: 'other', time: clock.seconds() });
}
