import { Controller, Get, Header, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ProblemFilter } from '../platform/http/problem.filter.js';
import { ReadinessService } from './readiness.service.js';

/** For load balancers and orchestrators: open, and outside of the API's limits. */
@Controller('health')
@UseFilters(ProblemFilter)
@ApiTags('operations')
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  @Get('live')
  @Header('Cache-Control', 'no-store')
  live() {
    return { status: 'live' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) response: Response) {
    const failing = await this.readiness.failing();
    if (failing.length === 0) return { status: 'ready' };
    response.status(503);
    return { status: 'not ready', failing };
  }
}
