/**
 * Knows whether anything is still on its way, so that a test can await an event and never has to sleep.
 * A piece of work is a scheduled status, a held batch, or a webhook that was not acknowledged yet.
 */
export class Activity {
  private pending = 0;
  /** Each watcher with the way to end its wait for good. */
  private readonly watchers = new Map<() => void, () => void>();

  get outstanding(): number {
    return this.pending;
  }

  begin(): void {
    this.pending += 1;
  }

  end(): void {
    this.pending -= 1;
    this.changed();
  }

  /** Tells everyone who waits that there is something new to look at. Free when nobody waits. */
  changed(): void {
    if (this.watchers.size === 0) {
      return;
    }
    for (const watcher of [...this.watchers.keys()]) {
      watcher();
    }
  }

  /** Resolves when nothing is on its way. Statuses that a fault withholds do not count: nobody would ever release them. */
  idle(timeoutMs = 30_000): Promise<void> {
    return this.until(
      () => this.pending === 0,
      timeoutMs,
      () => `the simulator is still busy with ${this.pending} webhooks or statuses`,
    );
  }

  /** Resolves when `holds` becomes true; it is asked again after every request, webhook and status. */
  until(holds: () => boolean, timeoutMs = 30_000, describe?: () => string): Promise<void> {
    if (holds()) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.watchers.delete(watcher);
        settle();
      };
      const watcher = (): void => {
        try {
          if (holds()) {
            finish(resolve);
          }
        } catch (error) {
          finish(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      const timer = setTimeout(() => {
        const what = describe?.() ?? 'what was waited for did not happen';
        finish(() => reject(new Error(`after ${timeoutMs} ms: ${what}`)));
      }, timeoutMs);
      this.watchers.set(watcher, () => finish(() => reject(new Error('the simulator was closed while waiting'))));
    });
  }

  /** Ends every wait; used on close, so that no timer is left. */
  abandon(): void {
    for (const abandon of [...this.watchers.values()]) {
      abandon();
    }
  }
}
