import type { Clock } from '../clock/clock.js';
import type { Log } from '../logging/log.js';
import type { Metrics } from '../metrics/metrics.js';

export interface CircuitBreakerOptions {
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly metrics?: Pick<Metrics, 'circuitOpen'>;
  /** failures in a row, without one answer in between, that open a host's circuit */
  readonly failures?: number;
  /** a row of failures that took longer than this starts anew, in milliseconds */
  readonly withinMs?: number;
  /** how long it stays open at first, in milliseconds; twice that after every probe that fails */
  readonly openMs?: number;
  readonly maxOpenMs?: number;
}

/** Why a call is not made, and when the next one may be. */
export interface Refusal {
  readonly reason: string;
  readonly afterMs: number;
}

/** How a call went, as far as its host is concerned; `neither` tells nothing about it. */
export type Verdict = 'answered' | 'failed' | 'neither';

/** A call that may be made; whoever makes it says how it went, once. */
export interface Pass {
  report(verdict: Verdict): void;
}

interface Trouble {
  failures: number;
  firstAtMs: number;
  /** undefined while the circuit is still closed */
  open?: { sinceMs: number; untilMs: number; forMs: number; probing: boolean };
}

/** What callers are told to wait while somebody else's probe is under way. */
const PROBE_MS = 1_000;

/**
 * Stops calling a host that does not answer, instead of keeping connections, workers and claims busy with it. Open, it refuses
 * at once; after a while one call at a time may try, and any answer at all closes it. Only hosts in trouble are remembered, so a
 * healthy one costs one look into an empty map.
 *
 * Our own, since the libraries (cockatiel, opossum) let nothing through an open circuit: a call that a person waits for must
 * always go out, and its answer must count.
 */
export class CircuitBreaker {
  private readonly hosts = new Map<string, Trouble>();
  private readonly failures: number;
  private readonly withinMs: number;
  private readonly openMs: number;
  private readonly maxOpenMs: number;

  constructor(private readonly options: CircuitBreakerOptions) {
    this.failures = options.failures ?? 5;
    this.withinMs = options.withinMs ?? 60_000;
    this.openMs = options.openMs ?? 1_000;
    this.maxOpenMs = options.maxOpenMs ?? 30_000;
  }

  /** @param always the call is made whatever the circuit says: a person waits for it */
  enter(host: string, always = false): Pass | Refusal {
    const open = this.hosts.get(host)?.open;
    if (!open) return this.pass(host, false);
    const nowMs = this.nowMs();
    const isDue = nowMs >= open.untilMs && !open.probing;
    if (isDue) {
      open.probing = true;
      return this.pass(host, true);
    }
    if (always) return this.pass(host, false);
    const untilMs = Math.max(open.untilMs, nowMs + (open.probing ? PROBE_MS : 0));
    return { reason: `circuit open since ${iso(open.sinceMs)} until ${iso(untilMs)}`, afterMs: untilMs - nowMs };
  }

  private pass(host: string, isProbe: boolean): Pass {
    return {
      report: (verdict) => {
        if (verdict === 'answered') this.answered(host);
        else if (isProbe) this.probeFailed(host, verdict);
        else if (verdict === 'failed') this.failed(host);
      },
    };
  }

  private answered(host: string): void {
    const trouble = this.hosts.get(host);
    if (!trouble) return;
    this.hosts.delete(host);
    if (!trouble.open) return;
    this.options.metrics?.circuitOpen.set({ host }, 0);
    this.options.log.info({ host, since: iso(trouble.open.sinceMs) }, 'a host answers again: its circuit is closed');
  }

  private failed(host: string): void {
    const nowMs = this.nowMs();
    let trouble = this.hosts.get(host);
    // Calls that left before it opened, and those of people, say nothing new.
    if (trouble?.open) return;
    if (!trouble || nowMs - trouble.firstAtMs > this.withinMs) {
      trouble = { failures: 0, firstAtMs: nowMs };
      this.hosts.set(host, trouble);
    }
    trouble.failures += 1;
    if (trouble.failures < this.failures) return;
    trouble.open = { sinceMs: nowMs, untilMs: nowMs + this.openMs, forMs: this.openMs, probing: false };
    this.options.metrics?.circuitOpen.set({ host }, 1);
    this.options.log.warn(
      { host, failures: trouble.failures },
      'a host does not answer: its circuit is open, calls to it wait',
    );
  }

  private probeFailed(host: string, verdict: Verdict): void {
    const open = this.hosts.get(host)?.open;
    if (!open) return;
    open.probing = false;
    if (verdict !== 'failed') return;
    open.forMs = Math.min(this.maxOpenMs, open.forMs * 2);
    open.untilMs = this.nowMs() + open.forMs;
  }

  private nowMs(): number {
    return this.options.clock.now().getTime();
  }
}

export function isRefusal(entrance: Pass | Refusal): entrance is Refusal {
  return 'reason' in entrance;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
