import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DialogModule } from '../dialog/dialog.module.js';
import { EventQueueRepository } from './event-queue.repository.js';
import { ParkedRepository } from './parked.repository.js';

/** Who answers: the queue of events for bots. */
@Module({
  imports: [DialogModule, DeliveryModule],
  providers: [EventQueueRepository, ParkedRepository],
  exports: [EventQueueRepository, ParkedRepository],
})
export class BotModule {}
