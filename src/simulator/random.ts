/**
 * A small seeded generator (mulberry32), so that a run with the same seed makes the same ids and the same dice throws.
 * `Math.random` would make a failing run impossible to repeat.
 */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    return this.nextUint32() / 4_294_967_296;
  }

  nextUint32(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** An independent stream under a name: what one subject draws does not move what another one draws. */
  fork(name: string): Random {
    let hash = 0x811c9dc5 ^ this.seed;
    for (let index = 0; index < name.length; index += 1) {
      hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
    }
    return new Random(hash >>> 0);
  }

  /** A shuffled copy (Fisher-Yates) that differs from the input whenever it has two or more items. */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let index = shuffled.length - 1; index > 0; index -= 1) {
      const other = Math.floor(this.next() * (index + 1));
      [shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T];
    }
    const moved = shuffled.some((item, index) => item !== items[index]);
    return moved ? shuffled : shuffled.reverse();
  }
}
