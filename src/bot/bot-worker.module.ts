import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DialogModule } from '../dialog/dialog.module.js';
import { Addressees } from './addressees.service.js';
import { AnswerService } from './answer.service.js';
import { AutoRead } from './auto-read.service.js';
import { BotModule } from './bot.module.js';
import { DispatchProcessor } from './dispatch.processor.js';
import { DispatchSweeper } from './dispatch-sweeper.service.js';
import { DispatcherService } from './dispatcher.service.js';
import { Declarations } from './in-process/declarations.service.js';
import { InProcessRegistry } from './in-process/in-process-registry.js';
import { NetworkTeller } from './network-teller.service.js';

/** The part that calls bots; processes with the role worker run it. */
@Module({
  imports: [BotModule, DialogModule, DeliveryModule],
  providers: [
    Addressees,
    InProcessRegistry,
    Declarations,
    AnswerService,
    NetworkTeller,
    AutoRead,
    DispatcherService,
    DispatchProcessor,
    DispatchSweeper,
  ],
})
export class BotWorkerModule {}
