import { Controller, Get, Inject, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ProblemFilter } from '../platform/http/problem.filter.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { QueueGaugesRepository } from './queue-gauges.repository.js';
import { within } from './within.js';

const DEADLINE_MS = 5_000;

/** Prometheus text. What is in the database is read on each scrape; a database that is away hides only that part. */
@Controller('metrics')
@UseFilters(ProblemFilter)
@ApiTags('operations')
export class MetricsController {
  private reading: Promise<void> | undefined;

  constructor(
    private readonly metrics: Metrics,
    private readonly gauges: QueueGaugesRepository,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @Get()
  async read(@Res() response: Response): Promise<void> {
    this.reading ??= this.readQueues().finally(() => {
      this.reading = undefined;
    });
    await within(DEADLINE_MS, this.reading).catch((error: unknown) => {
      this.log.debug({ err: error }, 'could not read the queues for the metrics');
    });
    response.set({ 'Content-Type': this.metrics.registry.contentType, 'Cache-Control': 'no-store' });
    response.end(await this.metrics.registry.metrics());
  }

  private async readQueues(): Promise<void> {
    const gauges = await this.gauges.read();
    // A state that no row is in any more must not keep its last value.
    this.metrics.queueDepth.reset();
    this.metrics.queueAge.reset();
    for (const { queue, depth, age } of gauges) {
      this.metrics.queueDepth.set({ queue }, depth);
      this.metrics.queueAge.set({ queue }, Math.max(0, age));
    }
  }
}
