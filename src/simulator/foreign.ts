import type { MessageBody, SentMessage } from './message.types.js';
import type { Platform } from './platform.js';
import { digitsOf } from './phone.js';

/** What another system sends from a number that we use too. */
export interface ForeignCampaign {
  /** @default the first number of the world */
  number?: string;
  /** The first recipient; each further one has the next phone number. */
  to: string;
  /** `service` is free text, everything else a template. @default 'marketing' */
  category?: string;
  /** @default 1 */
  count?: number;
  /** @default all at once */
  perSecond?: number;
}

const TICK_MS = 10;

/**
 * Another system on the same WABA: what it sends uses up the same limits, and its statuses come to us too, about wamids that we
 * never got and without our callback data. It does not appear among what was sent or received: those are the records of the one
 * who is tested. Meta: webhooks/reference/messages/status
 */
export function sendForeign(platform: Platform, campaign: ForeignCampaign): void {
  const { count = 1, perSecond } = campaign;
  const { activity, timers, world } = platform;
  const number = world.phoneNumber(campaign.number ?? world.phoneNumbers.keys().next().value ?? '');
  const waba = world.waba(number.wabaId);
  const first = BigInt(digitsOf(campaign.to));
  let sent = 0;
  const sendUpTo = (due: number): void => {
    for (; sent < Math.min(due, count); sent += 1) {
      const person = String(first + BigInt(sent));
      const message = messageTo(platform, number.id, waba.id, person, campaign.category ?? 'marketing');
      const outbound = { number, waba, person, address: person, isForeign: true };
      if (platform.limits.refusalOf(outbound) !== undefined) {
        continue;
      }
      const failure = platform.limits.accept(outbound);
      if (failure === undefined) {
        platform.limits.reach(outbound);
      }
      void platform.receipts.begin(message, {}, failure);
    }
  };
  if (perSecond === undefined) {
    sendUpTo(count);
    return;
  }
  const began = performance.now();
  activity.begin();
  const tick = (): void => {
    sendUpTo(Math.floor(((performance.now() - began) * perSecond) / 1000) + 1);
    if (sent < count) {
      timers.after(TICK_MS, tick, () => activity.end());
    } else {
      activity.end();
    }
  };
  tick();
}

function messageTo(
  { clock, ids }: Platform,
  phoneNumberId: string,
  wabaId: string,
  phone: string,
  category: string,
): SentMessage {
  const isTemplate = category !== 'service';
  const template = { name: 'of_another_system', language: { code: 'en_US' } };
  const body: MessageBody = isTemplate ? { type: 'template', template, category } : { type: 'text' };
  return {
    id: ids.wamid(),
    at: clock.nowMs(),
    appId: '',
    wabaId,
    phoneNumberId,
    phone,
    userId: undefined,
    type: isTemplate ? 'template' : 'text',
    text: undefined,
    template: isTemplate ? template.name : undefined,
    biz_opaque_callback_data: undefined,
    body,
  };
}
