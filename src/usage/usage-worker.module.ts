import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { UsageRollUp } from './usage-roll-up.service.js';
import { UsageRepository } from './usage.repository.js';

/** The part that processes with the role worker run. */
@Module({ imports: [DeliveryModule], providers: [UsageRepository, UsageRollUp] })
export class UsageWorkerModule {}
