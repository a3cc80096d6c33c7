import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { RateRepository } from './rate.repository.js';
import { RateCardsController } from './rate-cards.controller.js';
import { UsageController } from './usage.controller.js';
import { UsageReader } from './usage-reader.service.js';
import { UsageRepository } from './usage.repository.js';

/** What was delivered, and what it costs. */
@Module({
  imports: [AccessModule],
  controllers: [UsageController, RateCardsController],
  providers: [UsageRepository, RateRepository, UsageReader],
})
export class UsageModule {}
