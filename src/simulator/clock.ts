/** What time it is at Meta. Only stamps and windows use it; waiting is done by {@link Timers} in real time. */
export class Clock {
  private offsetMs = 0;

  constructor(private readonly source: () => number = Date.now) {}

  nowMs(): number {
    return this.source() + this.offsetMs;
  }

  /** Unix seconds as the string that webhooks carry. */
  stamp(): string {
    return String(this.seconds());
  }

  seconds(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  /** Moves the simulator's time forward: the way to close a 24-hour window in a test that takes a second. */
  advance(ms: number): void {
    this.offsetMs += ms;
  }
}

interface Due {
  action: () => void;
  onCleared: (() => void) | undefined;
}

/**
 * Every timer of the simulator, so that `close()` can promise that none of them outlives it. What is due in the same millisecond
 * shares a timer: at a thousand messages per second there are many of them.
 */
export class Timers {
  /** By the millisecond at which they are due, in the order in which they were set. */
  private readonly live = new Map<number, { timer: NodeJS.Timeout; dues: Due[] }>();
  private closed = false;

  /** Runs `action` later, unless the timers are cleared before. `onCleared` tells the owner that it never will. */
  after(ms: number, action: () => void, onCleared?: () => void): void {
    if (this.closed) {
      onCleared?.();
      return;
    }
    const now = performance.now();
    const dueAt = Math.ceil(now + ms);
    let shared = this.live.get(dueAt);
    if (shared === undefined) {
      const timer = setTimeout(() => {
        this.run(dues);
        if (this.live.get(dueAt)?.dues === dues) {
          this.live.delete(dueAt);
        }
      }, dueAt - now);
      const dues: Due[] = [];
      shared = { timer, dues };
      this.live.set(dueAt, shared);
    }
    shared.dues.push({ action, onCleared });
  }

  /** Resolves with true when the time has passed and with false when the timers were cleared. */
  wait(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.after(
        ms,
        () => resolve(true),
        () => resolve(false),
      );
    });
  }

  get size(): number {
    let size = 0;
    this.live.forEach(({ dues }) => (size += dues.length));
    return size;
  }

  clear(): void {
    const cleared = [...this.live];
    this.live.clear();
    for (const [, { timer, dues }] of cleared) {
      clearTimeout(timer);
      dues.splice(0).forEach(({ onCleared }) => onCleared?.());
    }
  }

  close(): void {
    this.closed = true;
    this.clear();
  }

  /** One after the other; what one of them clears is not run any more. */
  private run(dues: Due[]): void {
    for (let due = dues.shift(); due !== undefined; due = dues.shift()) {
      due.action();
    }
  }
}
