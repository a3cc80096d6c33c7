import { Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Warnings } from '../gateway/warnings.service.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { QueueGaugesRepository } from './queue-gauges.repository.js';

/**
 * Readings rest 200 times as long as they took, so that they cost half a percent of one connection at most: a second while there
 * is little to read, fifteen with a large backlog. However many scrape in between get what is known.
 */
const REST_FACTOR = 200;
const MIN_REST_MS = 1_000;
const MAX_REST_MS = 15_000;

/** Gauges of what is in the database. */
@Injectable()
export class GaugesService {
  private reading: Promise<void> | undefined;
  private restsUntilMs = 0;

  constructor(
    private readonly queues: QueueGaugesRepository,
    private readonly warnings: Warnings,
    private readonly directory: GatewayDirectory,
    private readonly metrics: Metrics,
  ) {}

  /** Makes the gauges young enough; resolves when they are. */
  refresh(): Promise<void> {
    if (this.reading) return this.reading;
    const startedMs = performance.now();
    if (startedMs < this.restsUntilMs) return Promise.resolve();
    this.reading = this.read().finally(() => {
      const endedMs = performance.now();
      const restMs = Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, (endedMs - startedMs) * REST_FACTOR));
      this.restsUntilMs = endedMs + restMs;
      this.reading = undefined;
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    const [queues, held, warnings] = await Promise.all([
      this.queues.read(),
      this.queues.held(),
      this.warnings.active(),
    ]);
    const { queueDepth, queueAge, held: heldCount, heldAge, inDoubt, gatewayWarnings } = this.metrics;
    // What nothing is in any more must not keep its last value.
    for (const gauge of [queueDepth, queueAge, heldCount, heldAge, gatewayWarnings]) gauge.reset();
    for (const { queue, depth, age } of queues) {
      queueDepth.set({ queue }, depth);
      queueAge.set({ queue }, Math.max(0, age));
    }
    // Empty queues that an alarm may be about are there as well.
    for (const queue of ['inbox', 'unhandled'])
      if (!queues.some((one) => one.queue === queue)) queueDepth.set({ queue }, 0);
    inDoubt.set(queues.find(({ queue }) => queue === 'outbound_doubt')?.depth ?? 0);
    for (const { reason, count, age } of held) {
      heldCount.set({ reason }, count);
      heldAge.set({ reason }, Math.max(0, age));
    }
    for (const { gateway_id, code, subject } of warnings) {
      gatewayWarnings.set({ gateway: this.directory.byId(gateway_id)?.uri ?? gateway_id, code, subject }, 1);
    }
  }
}
