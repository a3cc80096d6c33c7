import { createHmac } from 'node:crypto';
import type { WORLD } from '../../test/support/stage.js';

export type World = typeof WORLD;

/** Who writes to us. */
const FIRST_CUSTOMER = 491_700_000_000;

/** Bodies come near this size, as a usual text webhook does, in bytes. */
const ONE_KB = 1_000;

const PROFILE = { name: 'Sheena Nelson' };

export function phoneOf(customer: number): string {
  return String(FIRST_CUSTOMER + customer);
}

/** Ids that the network gave to messages of ours. */
export function outboundId(number: number): string {
  return `wamid.HBgLNDkxNzAwMDAwMDAwFQIAERgSb3V0${String(number).padStart(12, '0')}`;
}

/** One POST with one text message of about 1 kB, unlike any other. */
export function textWebhook(world: World, id: string, customer: number): Buffer {
  const make = (text: string): string => JSON.stringify(wrap(world, [message(world, id, phoneOf(customer), text)]));
  const bare = make('').length;
  return Buffer.from(make('Does it come in another color? '.repeat(32).slice(0, Math.max(0, ONE_KB - bare))));
}

export interface Mix {
  /** prefix that makes the ids of a run unlike those of every other */
  readonly run: string;
  readonly customers: number;
  /** outbound messages with the numbers [from, from + count) are known, each is told about three times */
  readonly outbound: { readonly from: number; readonly count: number };
  /** one status in so many is of a message that another system has sent */
  readonly strangerEvery: number;
}

/** An endless row of updates: a customer's message, three statuses, a message, … */
export class Updates {
  private made = 0;
  private statuses = 0;
  private strangers = 0;
  /** statuses of known messages */
  private known = 0;

  constructor(
    private readonly world: World,
    private readonly mix: Mix,
  ) {}

  /** One POST with this many updates, each in a change of its own. @param sentAt ms since 1970, told to the bot */
  batch(size: number, sentAt: number): Buffer {
    const changes = Array.from({ length: size }, () => this.next(sentAt));
    return Buffer.from(JSON.stringify(wrap(this.world, changes)));
  }

  private next(sentAt: number): object {
    const number = this.made;
    this.made += 1;
    if (number % 4 === 0) {
      const place = number / 4;
      const text = `lag:${sentAt.toFixed(3)}; does it come in another color?`;
      return message(this.world, `wamid.${this.mix.run}.${place}`, phoneOf(place % this.mix.customers), text);
    }
    this.statuses += 1;
    if (this.statuses % this.mix.strangerEvery === 0) {
      this.strangers += 1;
      return status(this.world, `wamid.stranger.${this.mix.run}.${this.strangers}`, 0, 'delivered');
    }
    const place = this.known;
    this.known += 1;
    const { from, count } = this.mix.outbound;
    const outbound = from + (Math.floor(place / 3) % count);
    const name = (['sent', 'delivered', 'read'] as const)[place % 3] ?? 'sent';
    return status(this.world, outboundId(outbound), outbound % this.mix.customers, name);
  }
}

export function sign(secret: string, body: Buffer): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function wrap(world: World, changes: readonly object[]): object {
  return { object: 'whatsapp_business_account', entry: [{ id: world.wabaId, changes }] };
}

function message(world: World, id: string, from: string, text: string): object {
  const userId = `US.${from}`;
  return change(world, {
    contacts: [{ profile: PROFILE, wa_id: from, user_id: userId }],
    messages: [{ from, from_user_id: userId, id, timestamp: seconds(), type: 'text', text: { body: text } }],
  });
}

function status(world: World, id: string, customer: number, name: string): object {
  const phone = phoneOf(customer);
  return change(world, {
    contacts: [{ profile: PROFILE, wa_id: phone, user_id: `US.${phone}` }],
    statuses: [
      {
        id,
        status: name,
        timestamp: seconds(),
        recipient_id: phone,
        recipient_user_id: `US.${phone}`,
        pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' },
      },
    ],
  });
}

function change(world: World, value: object): object {
  const metadata = { display_phone_number: '15550783881', phone_number_id: world.phoneNumberId };
  return { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } };
}

function seconds(): string {
  return String(Math.floor(Date.now() / 1_000));
}
