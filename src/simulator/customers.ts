import type { Activity } from './activity.js';
import { BoundedLog } from './bounded-log.js';
import type { Clock } from './clock.js';
import type { IdSource } from './ids.js';
import type { Inbound } from './inbound.js';
import type { Limits } from './limits.js';
import type { SentMessage } from './message.types.js';
import { digitsOf } from './phone.js';
import type { WebhookSender } from './webhook-sender.js';
import type { Windows } from './windows.js';
import type { JsonObject } from './world.types.js';
import type { World } from './world.js';

/** A message as the customer's phone sends it: Meta's inbound object without what the platform fills in. */
export interface CustomerMessage extends JsonObject {
  type: string;
  /** The quoted message; the business's number is filled in. */
  context?: { id?: string } & JsonObject;
}

export interface CustomerProfile {
  /** Digits; undefined = a user who shares only the BSUID. Meta: business-scoped-user-ids */
  phone?: string | undefined;
  userId?: string;
  parentUserId?: string;
  username?: string;
  name?: string;
}

export interface CustomerParts {
  world: World;
  clock: Clock;
  ids: IdSource;
  windows: Windows;
  limits: Limits;
  webhooks: WebhookSender;
  activity: Activity;
  inbound: Inbound;
  keepsRecords: boolean;
}

/** What a customer has beside: whoever keeps the list of them is told of new names. */
interface OwnParts extends CustomerParts {
  moved: (customer: Customer, next: { phone?: string; userId?: string }) => void;
}

/** A customer who gets more than this forgets the oldest: a demo may run for weeks. */
const KEPT_PER_CUSTOMER = 2000;

/** A person with a phone who writes to businesses and gets their messages. */
export class Customer {
  private log: BoundedLog<SentMessage> | undefined;
  private unread: SentMessage[] | undefined;

  constructor(
    readonly profile: CustomerProfile,
    private readonly parts: OwnParts,
  ) {}

  /** The messages that reached this customer, oldest first. */
  get received(): readonly SentMessage[] {
    return this.log?.items ?? [];
  }

  get phone(): string | undefined {
    return this.profile.phone;
  }

  get userId(): string | undefined {
    return this.profile.userId;
  }

  /**
   * Writes to a business number and thereby opens the window. Fields given in `message` win over what is filled in.
   * @param field `standby` = another responder owns the conversation, and we get a copy
   * @returns the wamid of the message.
   */
  write(phoneNumberId: string, message: CustomerMessage | string, field: 'messages' | 'standby' = 'messages'): string {
    const { clock, ids, limits, webhooks, windows, world } = this.parts;
    const number = world.phoneNumber(phoneNumberId);
    const { phone, userId, parentUserId } = this.profile;
    const given: CustomerMessage = typeof message === 'string' ? { type: 'text', text: { body: message } } : message;
    const display = digitsOf(number.display_phone_number);
    const id = typeof given['id'] === 'string' ? given['id'] : ids.wamid();
    const item = {
      ...(phone === undefined ? {} : { from: phone }),
      ...(userId === undefined ? {} : { from_user_id: userId }),
      ...(parentUserId === undefined ? {} : { from_parent_user_id: parentUserId }),
      timestamp: clock.stamp(),
      ...given,
      ...(given.context === undefined ? {} : { context: { from: display, ...given.context } }),
      id,
    };
    if (given.type !== 'system') {
      [phone, userId].forEach((address) => address && windows.open(phoneNumberId, address));
    }
    limits.receive(number);
    this.parts.inbound.note(phoneNumberId, id);
    void webhooks.publish({
      wabaId: number.wabaId,
      phoneNumberId,
      field,
      kind: 'message',
      to: phone ?? userId,
      value: {
        messaging_product: 'whatsapp',
        metadata: { display_phone_number: display, phone_number_id: phoneNumberId },
        contacts: [contactOf(this.profile)],
        messages: [item],
      },
    });
    return id;
  }

  /**
   * Gets another number, and with it another BSUID if one is given; without a phone the person does not show it. The number is told
   * by a notice, under the old names. Meta: webhooks/reference/messages/system
   * @returns the wamid of the notice.
   */
  changeNumber(phoneNumberId: string, next: { phone?: string; userId?: string }): string {
    const { phone, userId } = this.profile;
    const isIdAlone = next.phone === undefined && phone === undefined;
    const from = isIdAlone ? userId : phone;
    const wamid = this.write(phoneNumberId, {
      type: 'system',
      system: {
        body: `User ${this.profile.name ?? ''} changed from ${from} to ${next.phone ?? next.userId}`,
        type: isIdAlone ? 'user_changed_user_id' : 'user_changed_number',
        ...(next.phone === undefined ? {} : { wa_id: next.phone }),
        ...(next.userId === undefined ? {} : { user_id: next.userId }),
      },
    });
    this.parts.moved(this, next);
    return wamid;
  }

  /** Called by the platform when a message reaches the customer. */
  receive(message: SentMessage): void {
    this.log ??= new BoundedLog(KEPT_PER_CUSTOMER);
    this.log.add(message);
    this.unread ??= [];
    this.unread.push(message);
    if (this.unread.length > KEPT_PER_CUSTOMER) {
      this.unread.shift();
    }
    this.parts.activity.changed();
  }

  /**
   * The next message that fits and was not returned before, also one that is already there: so it does not matter
   * whether the test or the gateway is faster.
   */
  async nextMessage(fits: (message: SentMessage) => boolean = () => true, timeoutMs = 30_000): Promise<SentMessage> {
    let found: SentMessage | undefined;
    const take = (): boolean => {
      const { unread = [] } = this;
      const index = unread.findIndex(fits);
      [found] = index < 0 ? [] : unread.splice(index, 1);
      return found !== undefined;
    };
    await this.parts.activity.until(
      take,
      timeoutMs,
      () => `no such message reached ${this.phone ?? this.userId}; ${this.received.length} others did`,
    );
    return found as unknown as SentMessage;
  }
}

/** `contacts[]` of a webhook. Each id is optional there. Meta: webhooks/reference/messages/text */
export function contactOf(profile: CustomerProfile): JsonObject {
  return {
    profile: {
      name: profile.name ?? `Customer ${profile.phone ?? profile.userId}`,
      ...(profile.username === undefined ? {} : { username: profile.username }),
    },
    ...(profile.phone === undefined ? {} : { wa_id: profile.phone }),
    ...(profile.userId === undefined ? {} : { user_id: profile.userId }),
    ...(profile.parentUserId === undefined ? {} : { parent_user_id: profile.parentUserId }),
  };
}

/** Everyone on WhatsApp. A person comes into being when somebody first speaks of them. */
export class Customers {
  private readonly byPhone = new Map<string, Customer>();
  private readonly byUserId = new Map<string, Customer>();

  constructor(private readonly parts: CustomerParts) {}

  /** The customer with this phone or BSUID; what is given of the profile is taken over. */
  get(profile: CustomerProfile): Customer {
    const { phone, ...others } = profile;
    if (phone === undefined && profile.userId === undefined) {
      throw new Error('a customer has a phone, a userId, or both');
    }
    const digits = phone === undefined ? undefined : digitsOf(phone);
    const customer =
      this.find(digits, profile.userId) ??
      new Customer({}, { ...this.parts, moved: (moved, next) => this.move(moved, next) });
    Object.assign(customer.profile, others, digits === undefined ? {} : { phone: digits });
    if (customer.profile.phone !== undefined) {
      this.byPhone.set(customer.profile.phone, customer);
    }
    if (customer.profile.userId !== undefined) {
      this.byUserId.set(customer.profile.userId, customer);
    }
    return customer;
  }

  private move(customer: Customer, { phone, userId }: { phone?: string; userId?: string }): void {
    const { profile } = customer;
    this.byPhone.delete(profile.phone ?? '');
    if (userId !== undefined) {
      this.byUserId.delete(profile.userId ?? '');
      profile.userId = userId;
      this.byUserId.set(userId, customer);
    }
    profile.phone = phone;
    if (phone !== undefined) {
      this.byPhone.set(phone, customer);
    }
  }

  find(phone: string | undefined, userId: string | undefined): Customer | undefined {
    return (
      (phone === undefined ? undefined : this.byPhone.get(phone)) ??
      (userId === undefined ? undefined : this.byUserId.get(userId))
    );
  }

  /** Lets a message reach its recipient. Without records nobody is invented just to hold it. */
  reach(message: SentMessage): Customer | undefined {
    const known = this.find(message.phone, message.userId);
    if (!this.parts.keepsRecords) {
      return known;
    }
    const customer =
      known ?? this.get({ phone: message.phone, ...(message.userId === undefined ? {} : { userId: message.userId }) });
    customer.receive(message);
    return customer;
  }

  clear(): void {
    this.byPhone.clear();
    this.byUserId.clear();
  }
}
