import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { GatewayStatusService } from '../gateway/gateway-status.service.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import type { BotSettings } from '../gateway/stored-bot.js';
import { Clock } from '../platform/clock/clock.js';
import { crashPoint } from '../platform/faults/crash-point.js';
import type { HttpClient } from '../platform/http-client/http-client.js';
import { timeOfId } from '../platform/ids/ids.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG, OUTSIDE_HTTP } from '../platform/platform.tokens.js';
import { AnswerService } from './answer.service.js';
import { type ClaimedLine, type Delivery, EventQueueRepository } from './event-queue.repository.js';
import { parseBotAnswer } from './bot-answer.js';
import { detachTime, planRetry } from './retry-plan.js';
import { callWebhookBot } from './webhook-bot.js';

/** Lines and lone events that one process works on at once. */
const MAX_IN_FLIGHT = 256;
const CLAIM_AT_ONCE = 64;

/** Calls that are under way when the process is told to stop get this long. */
const DRAIN_MS = 20_000;

/** Whose bot is called for a delivery. */
interface Addressee {
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount | undefined;
  readonly bot: BotSettings;
}

/**
 * Brings events to bots: in order within a line, side by side between lines. A kick only claims what is due and starts it;
 * one slow bot therefore holds up its own lines and nothing else.
 */
@Injectable()
export class DispatcherService implements BeforeApplicationShutdown {
  private readonly inFlight = new Set<Promise<void>>();
  private readonly lines = new Set<ClaimedLine>();
  private readonly alone = new Set<Delivery>();
  /** something went wrong: there may be claims in our name that nobody works on */
  private mayHaveLost = false;
  private claiming: Promise<void> | undefined;
  private again = false;
  /** something was due and there was no room for it */
  private starved = false;
  private stopping = false;

  constructor(
    private readonly queue: EventQueueRepository,
    private readonly answers: AnswerService,
    private readonly directory: GatewayDirectory,
    private readonly status: GatewayStatusService,
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
      const room = Math.min(CLAIM_AT_ONCE, MAX_IN_FLIGHT - this.inFlight.size);
      if (room <= 0) {
        this.starved = true;
        return;
      }
      try {
        const lines = await this.queue.claimLines(room);
        for (const line of lines) this.start(this.lines, line, (mine) => this.runLine(mine));
        const alone = await this.queue.claimDetached(Math.max(1, room - lines.length));
        for (const delivery of alone) this.start(this.alone, delivery, (mine) => this.runAlone(mine));
        if (lines.length === room || alone.length > 0) this.again = true;
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

  private start<T>(hand: Set<T>, item: T, work: (item: T) => Promise<void>): void {
    hand.add(item);
    const tracked: Promise<void> = work(item)
      .catch((error: unknown) => {
        this.mayHaveLost = true;
        this.log.warn({ err: error }, 'a delivery to a bot was interrupted; it is taken up again');
      })
      .finally(() => {
        hand.delete(item);
        this.inFlight.delete(tracked);
        if (this.starved && !this.stopping) this.wakeAgain();
      });
    this.inFlight.add(tracked);
  }

  private wakeAgain(): void {
    this.starved = false;
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
    const addressee = this.addresseeOf(delivery);
    if (!addressee) {
      await this.answers.complete(delivery, undefined);
      return undefined;
    }
    if (addressee.bot.disabledReason !== undefined) {
      await this.park(delivery, this.clock.now(), `the bot is disabled: ${addressee.bot.disabledReason}`);
      return undefined;
    }
    const call = await callWebhookBot(this.http, addressee.bot, delivery, this.clock.now());
    switch (call.result) {
      case 'delivered':
        this.metrics.botDeliveries.inc({ gateway: addressee.gateway.uri, result: 'delivered' });
        if (delivery.attempts === 0) this.observeLag(delivery);
        crashPoint('after-bot-answer');
        await this.answers.complete(delivery, parseBotAnswer(call.text));
        return undefined;
      case 'gone':
        this.metrics.botDeliveries.inc({ gateway: addressee.gateway.uri, result: 'gone' });
        this.log.warn(
          { gateway: addressee.gateway.uri, url: addressee.bot.url },
          'the bot answered 410: it is not called again',
        );
        await this.disable(addressee);
        await this.park(delivery, this.clock.now(), 'the bot answered 410 and is disabled');
        return undefined;
      case 'failed':
        this.metrics.botDeliveries.inc({ gateway: addressee.gateway.uri, result: 'retried' });
        this.log.info(
          {
            gateway: addressee.gateway.uri,
            event: `evt_${delivery.eventId}`,
            attempt: delivery.attempts + 1,
            reason: call.reason,
          },
          'the bot did not take an event',
        );
        return call;
    }
  }

  private async disable({ gateway, account }: Addressee): Promise<void> {
    await this.status.disableBot(gateway.id, account?.bot ? account.id : undefined, 'it answered 410');
  }

  private async park(delivery: Delivery, now: Date, reason: string): Promise<void> {
    this.metrics.botDeliveries.inc({ gateway: this.directory.byId(delivery.gatewayId)?.uri ?? '', result: 'parked' });
    await this.queue.park(delivery, now, reason);
  }

  private addresseeOf(delivery: Delivery): Addressee | undefined {
    const gateway = this.directory.byId(delivery.gatewayId);
    if (!gateway) return undefined;
    const address = (delivery.body['account'] as { id?: string } | undefined)?.id;
    const account = gateway.accounts.find(
      (candidate) => candidate.address === address && candidate.channel === delivery.body['channel'],
    );
    const bot = account ? gateway.botOf(account) : gateway.bot;
    return bot && { gateway, account, bot };
  }

  private observeLag(delivery: Delivery): void {
    const receivedAt = timeOfId(delivery.eventId);
    if (receivedAt)
      this.metrics.eventLag.observe(Math.max(0, this.clock.now().getTime() - receivedAt.getTime()) / 1_000);
  }
}
