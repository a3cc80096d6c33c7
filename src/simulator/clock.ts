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

/** Every timer of the simulator, so that `close()` can promise that none of them outlives it. */
export class Timers {
  private readonly live = new Map<NodeJS.Timeout, (() => void) | undefined>();
  private closed = false;

  /** Runs `action` later, unless the timers are cleared before. `onCleared` tells the owner that it never will. */
  after(ms: number, action: () => void, onCleared?: () => void): void {
    if (this.closed) {
      onCleared?.();
      return;
    }
    const timer = setTimeout(() => {
      this.live.delete(timer);
      action();
    }, ms);
    this.live.set(timer, onCleared);
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
    return this.live.size;
  }

  clear(): void {
    const cleared = [...this.live];
    this.live.clear();
    for (const [timer, onCleared] of cleared) {
      clearTimeout(timer);
      onCleared?.();
    }
  }

  close(): void {
    this.closed = true;
    this.clear();
  }
}
