import type { Clock } from './clock.js';
import { digitsOf, isUserId } from './phone.js';

/**
 * What happens to free-form messages outside the customer service window: `strict` refuses them in the answer, `late`
 * accepts them and sends a `failed` status (Meta does both), `open` does not look.
 */
export type WindowMode = 'strict' | 'late' | 'open';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The customer service windows, per (number, customer), opened by what the customer writes. Meta: messages/send-messages */
export class Windows {
  private readonly openedAt = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    readonly durationMs = DAY_MS,
  ) {}

  open(phoneNumberId: string, customer: string): void {
    this.openedAt.set(keyOf(phoneNumberId, customer), this.clock.nowMs());
  }

  close(phoneNumberId: string, customer: string): void {
    this.openedAt.delete(keyOf(phoneNumberId, customer));
  }

  isOpen(phoneNumberId: string, customer: string): boolean {
    const openedAt = this.openedAt.get(keyOf(phoneNumberId, customer));
    return openedAt !== undefined && this.clock.nowMs() - openedAt < this.durationMs;
  }

  clear(): void {
    this.openedAt.clear();
  }
}

function keyOf(phoneNumberId: string, customer: string): string {
  return `${phoneNumberId} ${isUserId(customer) ? customer : digitsOf(customer)}`;
}
