import { Controller, Get, Inject, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ProblemFilter } from '../platform/http/problem.filter.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { GaugesService } from './gauges.service.js';
import { within } from './within.js';

const DEADLINE_MS = 5_000;

/** Prometheus text. What is in the database is read when the last reading is old enough; a database that is away hides only that part. */
@Controller('metrics')
@UseFilters(ProblemFilter)
@ApiTags('operations')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly gauges: GaugesService,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @Get()
  async read(@Res() response: Response): Promise<void> {
    await within(DEADLINE_MS, this.gauges.refresh()).catch((error: unknown) => {
      this.log.debug({ err: error }, 'could not read the queues for the metrics');
    });
    response.set({ 'Content-Type': this.metrics.registry.contentType, 'Cache-Control': 'no-store' });
    response.end(await this.metrics.registry.metrics());
  }
}
