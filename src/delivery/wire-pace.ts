import type { Clock } from '../platform/clock/clock.js';
import { type Slot, WireLane } from './wire-lane.js';

/** Accounts that have not sent for this long are forgotten. */
const FORGET_MS = 60_000;

interface Lane {
  readonly queue: WireLane<() => void>;
  /** runs out when somebody leaves next */
  timer: { readonly at: number; readonly handle: NodeJS.Timeout } | undefined;
}

/** The last look at the pace before a message goes on the wire: keeps the time of a {@link WireLane} per account. */
export class WirePace {
  private readonly lanes = new Map<string, Lane>();
  private sweptAt = 0;

  constructor(private readonly clock: Clock) {}

  /** Resolves when the message may leave. */
  turn(accountId: string, slot: Slot): Promise<void> {
    let lane = this.lanes.get(accountId);
    if (!lane) {
      this.forget();
      lane = { queue: new WireLane(), timer: undefined };
      this.lanes.set(accountId, lane);
    }
    const { queue } = lane;
    const turn = new Promise<void>((resolve) => queue.add(resolve, slot));
    this.release(lane);
    return turn;
  }

  private release(lane: Lane): void {
    const now = this.clock.now().getTime();
    for (const leave of lane.queue.release(now)) leave();
    const at = lane.queue.nextAt(now);
    if (at === undefined || (lane.timer && lane.timer.at <= at)) return;
    clearTimeout(lane.timer?.handle);
    const wake = (): void => {
      lane.timer = undefined;
      this.release(lane);
    };
    lane.timer = { at, handle: setTimeout(wake, Math.ceil(at - now)) };
  }

  private forget(): void {
    const now = this.clock.now().getTime();
    if (now - this.sweptAt < FORGET_MS) return;
    this.sweptAt = now;
    for (const [accountId, { queue }] of this.lanes)
      if (queue.isIdleSince(now - FORGET_MS)) this.lanes.delete(accountId);
  }
}
