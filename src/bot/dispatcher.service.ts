import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import { crashPoint } from '../platform/faults/crash-point.js';
import type { HttpClient } from '../platform/http-client/http-client.js';
import { timeOfId } from '../platform/ids/ids.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { kindOfSubscriber } from '../platform/outbox/outbox.js';
import { LOG, OUTSIDE_HTTP } from '../platform/platform.tokens.js';
import { type Addressee, Addressees } from './addressees.service.js';
import { AnswerService } from './answer.service.js';
import { AutoRead } from './auto-read.service.js';
import { type ClaimedLine, type Delivery, EventQueueRepository, type Line } from './event-queue.repository.js';
import { parseBotAnswer } from './bot-answer.js';
import { type CallResult, callTarget } from './call-target.js';
import { callHandler } from './in-process/call-handler.js';
import { NetworkTeller } from './network-teller.service.js';
import { detachTime, planRetry } from './retry-plan.js';
import { Slots, isFull, roomsAfter } from './slots.js';

/** Calls that are under way when the process is told to stop get this long. */
const DRAIN_MS = 20_000;

/**
 * Brings events to bots, webhooks and networks: in order within a line, side by side between lines. A kick only claims what is due and
 * starts it; whoever is slow therefore holds up its own lines and nothing else.
 */
@Injectable()
export class DispatcherService implements BeforeApplicationShutdown {
  private readonly inFlight = new Set<Promise<void>>();
  private readonly lines = new Set<ClaimedLine>();
  private readonly alone = new Set<Delivery>();
  private readonly slots = new Slots();
  /** something went wrong: there may be claims in our name that nobody works on */
  private mayHaveLost = false;
  private claiming: Promise<void> | undefined;
  private again = false;
  private stopping = false;

  constructor(
    private readonly queue: EventQueueRepository,
    private readonly answers: AnswerService,
    private readonly autoRead: AutoRead,
    private readonly directory: GatewayDirectory,
    private readonly addressees: Addressees,
    private readonly networks: NetworkTeller,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    @Inject(OUTSIDE_HTTP) private readonly http: HttpClient,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Claims and starts what is due. Resolves when that is under way, not when it is done. */
  async wake(): Promise<void> {
    this.again = true;
    this.claiming ??= this.claim().finally(() => {
      this.claiming = undefined;
    });
    await this.claiming;
  }

  /** Takes up again what a failure interrupted. Called every second; costs nothing when all is well. */
  async recover(): Promise<void> {
    if (this.mayHaveLost) await this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, DRAIN_MS).unref());
    await Promise.race([Promise.allSettled(this.inFlight), timeout]);
    await this.queue.giveBack();
  }

  private async claim(): Promise<void> {
    while (this.again && !this.stopping) {
      this.again = false;
      if (this.mayHaveLost) await this.takeBackLost();
      const rooms = this.slots.rooms(this.addressees.subscribers());
      if (rooms.length === 0) return;
      try {
        const elsewhere = this.addressees.gatewaysElsewhere();
        const lines = await this.queue.claimLines(rooms, elsewhere);
        for (const line of lines) this.start(this.lines, line, (mine) => this.runLine(mine));
        const alone = await this.queue.claimDetached(roomsAfter(rooms, lines), elsewhere);
        for (const delivery of alone) this.start(this.alone, delivery, (mine) => this.runAlone(mine));
        if (isFull(rooms, lines) || alone.length > 0) this.again = true;
      } catch (error) {
        this.mayHaveLost = true;
        throw error;
      }
    }
  }

  /** Part of claiming, so that no claim runs beside it: what is claimed in our name and not in our hands then is lost. */
  private async takeBackLost(): Promise<void> {
    this.mayHaveLost = false;
    try {
      await this.queue.takeBackLost([...this.lines], [...this.alone]);
    } catch (error) {
      this.mayHaveLost = true;
      throw error;
    }
  }

  private start<T extends Line>(hand: Set<T>, item: T, work: (item: T) => Promise<void>): void {
    hand.add(item);
    this.slots.take(item.subscriber);
    const tracked: Promise<void> = work(item)
      .catch((error: unknown) => {
        this.mayHaveLost = true;
        this.log.warn({ err: error }, 'a delivery was interrupted; it is taken up again');
      })
      .finally(() => {
        hand.delete(item);
        this.inFlight.delete(tracked);
        if (this.slots.free(item.subscriber) && !this.stopping) this.wakeAgain();
      });
    this.inFlight.add(tracked);
  }

  private wakeAgain(): void {
    this.wake().catch((error: unknown) =>
      this.log.warn({ err: error }, 'could not go on dispatching; the sweeper will'),
    );
  }

  private async runLine(claimed: ClaimedLine): Promise<void> {
    let deliveries = claimed.deliveries;
    while (deliveries.length > 0) {
      for (const delivery of deliveries) {
        if (this.stopping) return;
        if (!(await this.deliverInLine(delivery))) return;
      }
      // Fewer than a full page: whatever came meanwhile is seen by the release.
      deliveries = deliveries.length < 8 ? [] : await this.queue.next(claimed);
    }
    const hasMore = await this.queue.release(claimed);
    if (hasMore && !this.stopping) await this.wake();
  }

  /** False when the line must wait for this one. */
  private async deliverInLine(delivery: Delivery): Promise<boolean> {
    const now = this.clock.now();
    if (delivery.nextAt > now && delivery.firstTriedAt && detachTime(delivery.firstTriedAt) <= now) {
      await this.queue.detachUntried(delivery);
      return true;
    }
    const failure = await this.deliver(delivery);
    if (!failure) return true;
    const failedAt = this.clock.now();
    const plan = planRetry(delivery.attempts + 1, delivery.firstTriedAt ?? failedAt, failedAt, failure.retryAfterMs);
    switch (plan.step) {
      case 'defer':
        await this.queue.defer(delivery, plan, failedAt, failure.reason);
        return false;
      case 'detach':
        await this.queue.detach(delivery, plan.nextAt, failedAt, failure.reason);
        return true;
      case 'park':
        await this.park(delivery, failedAt, failure.reason);
        return true;
    }
  }

  private async runAlone(delivery: Delivery): Promise<void> {
    const failure = await this.deliver(delivery);
    if (!failure) return;
    const now = this.clock.now();
    const plan = planRetry(delivery.attempts + 1, delivery.firstTriedAt ?? now, now, failure.retryAfterMs);
    if (plan.step === 'park') await this.park(delivery, now, failure.reason);
    else await this.queue.detach(delivery, plan.nextAt, now, failure.reason);
  }

  /** Undefined when it was taken (or nobody is there to take it), else why not. */
  private async deliver(delivery: Delivery): Promise<{ reason: string; retryAfterMs?: number } | undefined> {
    const addressee = this.addressees.of(delivery);
    if (!addressee) {
      await this.answers.complete(delivery, undefined);
      return undefined;
    }
    const { kind, target, disabledReason } = addressee;
    if (disabledReason !== undefined) {
      await this.park(delivery, this.clock.now(), `the ${kind} is disabled: ${disabledReason}`);
      return undefined;
    }
    const call = await this.call(addressee, delivery);
    switch (call.result) {
      case 'delivered':
        this.count(delivery, 'delivered');
        await this.taken(delivery, addressee, call.text);
        return undefined;
      case 'refused':
        this.count(delivery, 'refused');
        this.log.info({ ...this.namesOf(delivery), reason: call.reason }, `the ${kind} does not want an event`);
        await this.answers.complete(delivery, undefined);
        return undefined;
      case 'gone':
        this.count(delivery, 'gone');
        this.log.warn(
          { ...this.namesOf(delivery), ...('url' in target && { url: target.url }) },
          `the ${kind} answered 410: it is not called again`,
        );
        await addressee.disable('it answered 410');
        await this.park(delivery, this.clock.now(), `the ${kind} answered 410 and is disabled`);
        return undefined;
      case 'failed':
        this.count(delivery, 'retried');
        this.log.info(
          { ...this.namesOf(delivery), attempt: delivery.attempts + 1, reason: call.reason },
          `the ${kind} did not take an event`,
        );
        return call;
    }
  }

  private async call({ kind, target }: Addressee, delivery: Delivery): Promise<CallResult> {
    if ('url' in target) return callTarget(this.http, { kind, target }, delivery, this.clock.now());
    if ('found' in target) return this.networks.tell(target.found, delivery);
    if (target.handler) return callHandler(target.handler, target.timeoutSeconds, delivery);
    // It was made one in a process after this was claimed.
    return { result: 'failed', reason: `the ${kind} is in another process` };
  }

  /** What a bot answers is carried out; the others are only told. */
  private async taken(delivery: Delivery, { kind }: Addressee, text: string): Promise<void> {
    if (kind !== 'bot') return this.answers.complete(delivery, undefined);
    if (delivery.attempts === 0) this.observeLag(delivery);
    crashPoint('after-bot-answer');
    await this.answers.complete(delivery, parseBotAnswer(text));
    this.autoRead.taken(delivery);
  }

  private async park(delivery: Delivery, now: Date, reason: string): Promise<void> {
    this.count(delivery, 'parked');
    await this.queue.park(delivery, now, reason);
  }

  private count(delivery: Delivery, result: string): void {
    const to = kindOfSubscriber(delivery.subscriber);
    this.metrics.botDeliveries.inc({ gateway: this.uriOf(delivery), to, result });
  }

  /** For the log. */
  private namesOf(delivery: Delivery): object {
    const { eventId, subscriber } = delivery;
    return { gateway: this.uriOf(delivery), event: `evt_${eventId}`, subscriber };
  }

  private uriOf({ gatewayId }: Delivery): string {
    return this.directory.byId(gatewayId)?.uri ?? '';
  }

  private observeLag(delivery: Delivery): void {
    const receivedAt = timeOfId(delivery.eventId);
    if (receivedAt)
      this.metrics.eventLag.observe(Math.max(0, this.clock.now().getTime() - receivedAt.getTime()) / 1_000);
  }
}
