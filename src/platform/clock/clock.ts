/** The one source of time. Windows, retries, tickets and clocks of doubt read it, so that tests can move it. */
export abstract class Clock {
  abstract now(): Date;
}

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
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
