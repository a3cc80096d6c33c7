/** That a business has seen a customer's message. */
export interface ReadMark {
  at: number;
  phoneNumberId: string;
  messageId: string;
  /** Whether it also showed that it is writing. */
  typing: boolean;
}

/** Which messages each number has received: what can be marked as read. Forgets the oldest. */
export class Inbound {
  private readonly known = new Set<string>();

  /** @param limit how many messages to know; 0 knows none, and takes every id. */
  constructor(private readonly limit: number) {}

  note(phoneNumberId: string, wamid: string): void {
    if (this.limit === 0) {
      return;
    }
    this.known.add(`${phoneNumberId} ${wamid}`);
    const [oldest] = this.known;
    if (this.known.size > this.limit && oldest !== undefined) {
      this.known.delete(oldest);
    }
  }

  has(phoneNumberId: string, wamid: string): boolean {
    return this.limit === 0 || this.known.has(`${phoneNumberId} ${wamid}`);
  }

  clear(): void {
    this.known.clear();
  }
}
