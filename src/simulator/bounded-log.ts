/**
 * A record that forgets its oldest entries, because a bench sends more messages than memory holds. Trimming happens in
 * bulk, so that adding stays cheap; `total` counts what was ever added.
 */
export class BoundedLog<T> {
  private kept: T[] = [];
  private added = 0;

  /** @param limit how many entries to keep at least; 0 keeps none. */
  constructor(private readonly limit: number) {}

  get items(): readonly T[] {
    return this.kept;
  }

  get total(): number {
    return this.added;
  }

  get keeps(): boolean {
    return this.limit > 0;
  }

  add(item: T): void {
    this.added += 1;
    if (this.limit === 0) {
      return;
    }
    this.kept.push(item);
    if (this.kept.length > this.limit + Math.max(16, this.limit >> 2)) {
      this.kept.splice(0, this.kept.length - this.limit);
    }
  }

  /** Counts one that is not worth building because nothing is kept. */
  count(): void {
    this.added += 1;
  }

  clear(): void {
    this.kept = [];
    this.added = 0;
  }
}
