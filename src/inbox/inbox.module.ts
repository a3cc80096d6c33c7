import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { BotModule } from '../bot/bot.module.js';
import { InboxAcceptService } from './accept.service.js';
import { AttentionService } from './attention.service.js';
import { CallbackListener } from './callback.listener.js';
import { EventsController } from './events.controller.js';
import { JournalRepository } from './journal.repository.js';
import { SignatureWatch } from './signature-watch.service.js';
import { UnhandledRepository } from './unhandled.repository.js';

/** The callback URIs and the journal of what came in on them. */
@Module({
  imports: [AccessModule, BotModule],
  controllers: [EventsController],
  providers: [
    InboxAcceptService,
    SignatureWatch,
    CallbackListener,
    JournalRepository,
    UnhandledRepository,
    AttentionService,
  ],
  exports: [CallbackListener, JournalRepository, UnhandledRepository],
})
export class InboxModule {}
