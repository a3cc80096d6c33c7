import { HANGS_AFTER_MS } from '../../support/patchbay.js';

/** What came so far, and a way to wait for what is still to come. */
export class Arrivals<T> {
  readonly all: T[] = [];
  private readonly watchers = new Set<() => void>();

  add(item: T): void {
    this.all.push(item);
    for (const watcher of [...this.watchers]) watcher();
  }

  /** What `find` finds, also in what came before. */
  async until<R>(what: string, find: (all: readonly T[]) => R | undefined): Promise<R> {
    const deadline = Date.now() + HANGS_AFTER_MS;
    for (;;) {
      const found = find(this.all);
      if (found !== undefined) return found;
      if (Date.now() > deadline)
        throw new Error(`${what} did not come; the last that came: ${JSON.stringify(this.all.slice(-10))}`);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.watchers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, deadline - Date.now());
        this.watchers.add(done);
      });
    }
  }
}
