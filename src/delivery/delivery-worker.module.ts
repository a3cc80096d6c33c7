import { Module } from '@nestjs/common';
import { DialogModule } from '../dialog/dialog.module.js';
import { AdmitProcessor } from './admit.processor.js';
import { DeliveryModule } from './delivery.module.js';
import { SendProcessor } from './send.processor.js';
import { DeliverySweeper } from './sweeper.service.js';

/** The part of delivery that processes with the role worker run. */
@Module({ imports: [DeliveryModule, DialogModule], providers: [AdmitProcessor, SendProcessor, DeliverySweeper] })
export class DeliveryWorkerModule {}
