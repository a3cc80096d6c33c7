import { Module } from '@nestjs/common';
import { DialogModule } from '../dialog/dialog.module.js';
import { AdmitProcessor } from './admission/admit.processor.js';
import { ClaimSweeper } from './claim-sweeper.service.js';
import { DeliveryModule } from './delivery.module.js';
import { DoubtRepository } from './doubt.repository.js';
import { DoubtSweeper } from './doubt-sweeper.service.js';
import { DueSweeper } from './due-sweeper.service.js';
import { ForeignSweeper } from './limits/foreign-sweeper.service.js';
import { TierLapseSweeper } from './limits/tier-lapse-sweeper.service.js';
import { LineRepairsRepository } from './line-repairs.repository.js';
import { LineSweeper } from './line-sweeper.service.js';
import { ReceiptsWatch } from './receipts-watch.service.js';
import { SendProcessor } from './send.processor.js';
import { UndeliveredSweeper } from './undelivered-sweeper.service.js';

/** The part of delivery that processes with the role worker run. */
@Module({
  imports: [DeliveryModule, DialogModule],
  providers: [
    AdmitProcessor,
    SendProcessor,
    ClaimSweeper,
    DoubtRepository,
    DoubtSweeper,
    DueSweeper,
    ForeignSweeper,
    TierLapseSweeper,
    LineRepairsRepository,
    LineSweeper,
    ReceiptsWatch,
    UndeliveredSweeper,
  ],
})
export class DeliveryWorkerModule {}
