export interface BatcherOptions<Item> {
  /** items per batch */
  readonly maxItems: number;
  /** sum of `sizeOf` per batch, in bytes */
  readonly maxBytes?: number;
  readonly sizeOf?: (item: Item) => number;
  /** batches under way at once */
  readonly concurrency: number;
  /** between the beginnings of two batches, unless one is full; absent: none */
  readonly restMs?: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets concurrent callers share one statement: durability then costs one fsync for many. A lone caller waits for nobody; under load
 * batches grow by themselves, as soon as a place is free or a rest is over. A batch that fails for a reason of its own data is
 * halved until the bad item stands alone: one bad row never fails its neighbours.
 */
export class Batcher<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private running = 0;
  private beganAt = Number.NEGATIVE_INFINITY;
  private rest: NodeJS.Timeout | undefined;

  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly options: BatcherOptions<Item>,
    private readonly isSplittable: (error: unknown) => boolean,
  ) {}

  /** Resolves when the batch that carried this item has committed. */
  submit(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, bytes: this.options.sizeOf?.(item) ?? 0, resolve, reject });
      // On the next turn, so that callers of the same turn travel together.
      if (this.running < this.options.concurrency) setImmediate(() => this.pump());
    });
  }

  get size(): number {
    return this.waiting.length;
  }

  private pump(): void {
    while (this.running < this.options.concurrency && this.waiting.length > 0) {
      if (this.rests()) return;
      this.running += 1;
      void this.run(this.take()).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  /** Whether it is too soon for the next batch; then a timer begins it. */
  private rests(): boolean {
    const { restMs = 0, maxItems } = this.options;
    if (restMs === 0 || this.waiting.length >= maxItems) return false;
    const now = performance.now();
    const leftMs = this.beganAt + restMs - now;
    if (leftMs < 1) {
      this.beganAt = now;
      return false;
    }
    this.rest ??= setTimeout(() => {
      this.rest = undefined;
      this.pump();
    }, Math.ceil(leftMs));
    return true;
  }

  private take(): Waiting<Item, Result>[] {
    const { maxItems, maxBytes = Number.POSITIVE_INFINITY } = this.options;
    let count = 0;
    let bytes = 0;
    for (const { bytes: own } of this.waiting) {
      if (count >= maxItems || (count > 0 && bytes + own > maxBytes)) break;
      count += 1;
      bytes += own;
    }
    return this.waiting.splice(0, count);
  }

  private async run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      if (batch.length === 1 || !this.isSplittable(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      const middle = batch.length >> 1;
      await this.run(batch.slice(0, middle));
      await this.run(batch.slice(middle));
    }
  }
}
