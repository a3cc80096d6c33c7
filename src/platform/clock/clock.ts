/** The one source of time. Windows, retries, tickets and clocks of doubt read it, so that tests can move it. */
export abstract class Clock {
  abstract now(): Date;
}

/** Differences smaller than this are the noise of measuring them. */
const NOISE_MS = 5;

/**
 * The machine's clock, set by the database's: paces and holds are kept by several processes on several machines, and what one
 * calls a moment must be the same moment to all.
 */
export class SystemClock extends Clock {
  private offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /**
   * @param databaseMs the database's time
   * @param askedAtMs and answeredAtMs the machine's own, around it: the answer is as old as half the way between them
   */
  align(databaseMs: number, askedAtMs: number, answeredAtMs: number): void {
    const measured = databaseMs - (askedAtMs + answeredAtMs) / 2;
    const uncertainty = Math.max(NOISE_MS, (answeredAtMs - askedAtMs) / 2);
    if (Math.abs(measured - this.offsetMs) > uncertainty) this.offsetMs = Math.round(measured);
  }
}

/** A clock that a test moves by hand. */
export class ManualClock extends Clock {
  constructor(private at: Date = new Date('2026-11-20T12:00:00Z')) {
    super();
  }

  now(): Date {
    return new Date(this.at);
  }

  advance(milliseconds: number): void {
    this.at = new Date(this.at.getTime() + milliseconds);
  }
}
