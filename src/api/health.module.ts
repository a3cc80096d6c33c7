import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { GaugesService } from './gauges.service.js';
import { MetricsController } from './metrics.controller.js';
import { QueueGaugesRepository } from './queue-gauges.repository.js';
import { ReadinessService } from './readiness.service.js';

/** `/health/live`, `/health/ready`, `/metrics`: what every process answers, whatever its roles. */
@Module({
  controllers: [HealthController, MetricsController],
  providers: [ReadinessService, GaugesService, QueueGaugesRepository],
})
export class HealthModule {}
