import { ApiError, type SimChat } from './types.js';

interface Limit {
  readonly most: number;
  readonly withinMs: number;
}

/** bots/faq, "My bot is hitting limits". To one person a few may go at once; how many, nobody says. */
const OVERALL: Limit = { most: 30, withinMs: 1_000 };
const PERSON: Limit = { most: 5, withinMs: 3_000 };
const GROUP: Limit = { most: 20, withinMs: 60_000 };

/** What was sent lately, overall and to each chat; refuses what is too much. */
export class Pace {
  private readonly sent = new Map<string, number[]>();

  constructor(private readonly isEnforced: boolean) {}

  /** @throws ApiError 429 with `retry_after`, in whole seconds */
  take({ id, type }: SimChat, now: number): void {
    const kept: readonly [string, Limit][] = [
      ['overall', OVERALL],
      [`chat ${id}`, type === 'private' ? PERSON : GROUP],
    ];
    const recent = kept.map(([key, { withinMs }]) => (this.sent.get(key) ?? []).filter((at) => at > now - withinMs));
    const waits = kept.map(([, { most, withinMs }], index) => {
      const times = recent[index] ?? [];
      return times.length < most ? 0 : (times[times.length - most] ?? now) + withinMs - now;
    });
    const seconds = Math.ceil(Math.max(...waits) / 1_000);
    if (this.isEnforced && seconds > 0) {
      throw new ApiError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
    }
    kept.forEach(([key], index) => this.sent.set(key, [...(recent[index] ?? []), now]));
  }
}
