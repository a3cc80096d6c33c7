import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import { AccountPulseRepository, type Beat } from './account-pulse.repository.js';

const EVERY_MS = 10_000;

/** A receipt speaks for what is accepted up to so long after it, too. */
const OVERTAKING_MS = 60_000;

type Pulse = { -readonly [Key in keyof Omit<Beat, 'accountId'>]: Beat[Key] };

/**
 * Notes what is accepted and what receipts come, in memory and without a query, and writes it down now and then. A process that
 * dies takes up to ten seconds of it along, which no alarm of five minutes will miss.
 */
@Injectable()
export class AccountPulse extends Sweeper {
  private seen = new Map<string, Pulse>();
  private wroteAtMs = 0;

  constructor(
    private readonly rows: AccountPulseRepository,
    private readonly clock: Clock,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  accepted(accountId: string): void {
    const at = this.clock.now();
    const pulse = this.of(accountId);
    // Its own receipt may have overtaken the answer.
    if (pulse.receiptAt && at.getTime() - pulse.receiptAt.getTime() < OVERTAKING_MS) return;
    pulse.accepted += 1;
    pulse.firstAcceptedAt ??= at;
    pulse.lastAcceptedAt = at;
  }

  receipt(accountId: string): void {
    const pulse = this.of(accountId);
    pulse.receiptAt = this.clock.now();
    pulse.accepted = 0;
    pulse.firstAcceptedAt = null;
  }

  async sweep(): Promise<void> {
    if (performance.now() - this.wroteAtMs >= EVERY_MS) await this.flush();
  }

  /** What was seen since the last time; also called by tests. */
  async flush(): Promise<void> {
    const seen = this.seen;
    this.seen = new Map();
    this.wroteAtMs = performance.now();
    await this.rows.write([...seen].map(([accountId, pulse]) => ({ accountId, ...pulse })));
  }

  private of(accountId: string): Pulse {
    const known = this.seen.get(accountId);
    if (known) return known;
    const pulse: Pulse = { accepted: 0, firstAcceptedAt: null, lastAcceptedAt: null, receiptAt: null };
    this.seen.set(accountId, pulse);
    return pulse;
  }
}
