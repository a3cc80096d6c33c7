import type { Clock } from './clock.js';
import type { MessageStatus } from './fault.types.js';
import { templateOf } from './judge-state.js';
import type { SentMessage } from './message.types.js';
import type { JsonObject } from './world.types.js';
import type { World } from './world.js';

/** Service messages that cost nothing, per number and calendar month. Meta: pricing, from 2026-10-01 */
const FREE_SERVICE_MESSAGES = 1000;

/** What a status says about money: per message, by the template's category or as a service message. */
export class Pricing {
  private readonly serviceMessages = new Map<string, number>();
  /** All statuses of one message say the same. */
  private readonly freeOnes = new WeakMap<SentMessage, boolean>();
  private readonly saidOnDelivery = new WeakSet<SentMessage>();

  constructor(
    private readonly world: World,
    private readonly clock: Clock,
  ) {}

  /** Stands on `sent` and on one of `delivered` and `read`. Meta: webhooks/reference/messages/status */
  of(message: SentMessage, status: MessageStatus): { pricing?: JsonObject } {
    if (status === 'failed' || status === 'played') {
      return {};
    }
    if (status === 'read' && this.saidOnDelivery.delete(message)) {
      return {};
    }
    if (status === 'delivered') {
      this.saidOnDelivery.add(message);
    }
    const category = this.categoryOf(message);
    const isFree = category === 'service' && this.isFreeService(message);
    return {
      pricing: {
        billable: !isFree,
        pricing_model: 'PMP',
        type: isFree ? 'free_customer_service' : 'regular',
        category,
      },
    };
  }

  clear(): void {
    this.serviceMessages.clear();
  }

  private categoryOf(message: SentMessage): string {
    if (message.template === undefined) {
      return 'service';
    }
    const waba = this.world.wabas.get(message.wabaId);
    const declared = waba === undefined ? undefined : templateOf(waba, message.body)?.category;
    const direct = message.body['category'];
    return (declared ?? (typeof direct === 'string' ? direct : 'utility')).toLowerCase();
  }

  /** Reactions are never charged nor counted. */
  private isFreeService(message: SentMessage): boolean {
    let isFree = this.freeOnes.get(message);
    if (isFree === undefined) {
      isFree = message.type === 'reaction' || this.takeFree(message.phoneNumberId);
      this.freeOnes.set(message, isFree);
    }
    return isFree;
  }

  private takeFree(phoneNumberId: string): boolean {
    const key = `${phoneNumberId} ${new Date(this.clock.nowMs()).toISOString().slice(0, 7)}`;
    const used = this.serviceMessages.get(key) ?? 0;
    this.serviceMessages.set(key, used + 1);
    return used < FREE_SERVICE_MESSAGES;
  }
}
