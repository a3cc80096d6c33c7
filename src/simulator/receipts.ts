import type { Activity } from './activity.js';
import type { Clock, Timers } from './clock.js';
import type { Customers } from './customers.js';
import { contactOf } from './customers.js';
import type { CallFault, MessageStatus } from './fault.types.js';
import type { GraphErrorInput } from './graph-error.js';
import { webhookError } from './graph-error.js';
import type { SentMessage } from './message.types.js';
import { digitsOf } from './phone.js';
import { Pricing } from './pricing.js';
import type { WebhookSender } from './webhook-sender.js';
import type { Update } from './webhook-update.js';
import type { World } from './world.js';

/** How soon each status follows the one before it. */
export interface ReceiptTimes {
  sentMs: number;
  deliveredMs: number;
  /** False = nobody reads. */
  readMs: number | false;
}

export interface ReceiptParts {
  world: World;
  clock: Clock;
  timers: Timers;
  activity: Activity;
  webhooks: WebhookSender;
  customers: Customers;
  /** False = no statuses by themselves. */
  times: ReceiptTimes | false;
}

interface Step {
  status: MessageStatus;
  /** After the step before. */
  afterMs: number;
}

/** What becomes of an accepted message: `sent`, `delivered`, perhaps `read`, or `failed`. Meta: webhooks/reference/messages/status */
export class Receipts {
  private withheld: Update[] = [];
  private readonly pricing: Pricing;

  constructor(private readonly parts: ReceiptParts) {
    this.pricing = new Pricing(parts.world, parts.clock);
  }

  get withheldCount(): number {
    return this.withheld.length;
  }

  /**
   * Begins the life of an accepted message.
   * @param failure what it fails with, if it does not get there.
   * @returns when the first status has been put before its receivers, for the race with the answer.
   */
  begin(message: SentMessage, fault: CallFault, failure: GraphErrorInput | undefined): Promise<void> | undefined {
    const steps = this.stepsOf(fault, failure);
    const [first, ...rest] = steps;
    if (first === undefined || !fault.statusBeforeAnswer) {
      this.schedule(message, steps, fault, failure);
      return undefined;
    }
    const said = this.emit(message, first.status, fault, failure);
    if (said === undefined) {
      this.schedule(message, rest, fault, failure);
    } else {
      this.track(said.then(() => this.schedule(message, rest, fault, failure)));
    }
    return said;
  }

  /** Says one status of one message now, whatever was said before. @returns undefined when there is nothing to wait for. */
  emit(
    message: SentMessage,
    status: MessageStatus,
    fault: CallFault = {},
    failure?: GraphErrorInput,
  ): Promise<void> | undefined {
    const update = this.updateOf(message, status, failure);
    if (fault.withholdStatuses === true || fault.withholdStatuses?.includes(status)) {
      this.withheld.push(update);
      this.parts.activity.changed();
      return undefined;
    }
    return this.parts.webhooks.publish(update);
  }

  /** Sends what was withheld so far, with the timestamps of when it happened. */
  release(): number {
    const { withheld } = this;
    this.withheld = [];
    withheld.forEach((update) => void this.parts.webhooks.publish(update));
    return withheld.length;
  }

  clear(): void {
    this.withheld = [];
    this.pricing.clear();
  }

  private stepsOf(fault: CallFault, failure: GraphErrorInput | undefined): Step[] {
    const { times } = this.parts;
    if (times === false) {
      return failure !== undefined || fault.statusBeforeAnswer
        ? [{ status: failure ? 'failed' : 'sent', afterMs: 0 }]
        : [];
    }
    const firstMs = times.sentMs + (fault.delayStatusesMs ?? 0);
    if (failure !== undefined) {
      return [{ status: 'failed', afterMs: firstMs }];
    }
    const steps: Step[] = [{ status: 'sent', afterMs: firstMs }];
    if (!fault.readWithoutDelivered) {
      steps.push({ status: 'delivered', afterMs: times.deliveredMs });
    }
    if (times.readMs !== false || fault.readWithoutDelivered) {
      steps.push({ status: 'read', afterMs: times.readMs === false ? times.deliveredMs : times.readMs });
    }
    return steps;
  }

  /**
   * Each status waits until the one before has been put before its receivers: in order, unless a fault says otherwise.
   * Meta promises no order, but a test must be able to choose.
   */
  private schedule(
    message: SentMessage,
    steps: readonly Step[],
    fault: CallFault,
    failure: GraphErrorInput | undefined,
  ): void {
    const [next, ...rest] = steps;
    if (next === undefined) {
      return;
    }
    const { activity, timers } = this.parts;
    activity.begin();
    timers.after(
      next.afterMs,
      () => {
        const said = this.emit(message, next.status, fault, failure);
        if (said === undefined) {
          this.schedule(message, rest, fault, failure);
        } else {
          this.track(said.then(() => this.schedule(message, rest, fault, failure)));
        }
        activity.end();
      },
      () => activity.end(),
    );
  }

  /** Keeps the simulator busy until the work is done. */
  private track(work: Promise<void>): void {
    this.parts.activity.begin();
    void work.finally(() => this.parts.activity.end());
  }

  private updateOf(message: SentMessage, status: MessageStatus, failure: GraphErrorInput | undefined): Update {
    const { clock, customers, world } = this.parts;
    const { id, phone, userId, phoneNumberId, wabaId, biz_opaque_callback_data } = message;
    const number = world.phoneNumbers.get(phoneNumberId);
    const customer = customers.find(phone, userId);
    const recipient = phone ?? customer?.phone;
    const recipientUserId = userId ?? (failure === undefined ? customer?.userId : undefined);
    return {
      wabaId,
      phoneNumberId,
      field: 'messages',
      kind: 'status',
      status,
      to: phone ?? userId,
      value: {
        messaging_product: 'whatsapp',
        metadata: {
          display_phone_number: digitsOf(number?.display_phone_number ?? ''),
          phone_number_id: phoneNumberId,
        },
        ...(customer && failure === undefined ? { contacts: [contactOf(customer.profile)] } : {}),
        statuses: [
          {
            id,
            status,
            timestamp: clock.stamp(),
            ...(recipient === undefined ? {} : { recipient_id: recipient }),
            ...(recipientUserId === undefined ? {} : { recipient_user_id: recipientUserId }),
            ...(biz_opaque_callback_data === undefined ? {} : { biz_opaque_callback_data }),
            ...this.pricing.of(message, status),
            ...(failure === undefined ? {} : { errors: [webhookError(failure)] }),
          },
        ],
      },
    };
  }
}
