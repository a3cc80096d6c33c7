/** Answers that a fault keeps back until somebody lets them go: what is slow for exactly as long as a test wants. */
export class HeldAnswers {
  private waiting: (() => void)[] = [];

  wait(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** @returns how many there were. */
  release(): number {
    const released = this.waiting;
    this.waiting = [];
    for (const resolve of released) {
      resolve();
    }
    return released.length;
  }
}
