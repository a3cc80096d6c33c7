import { Module } from '@nestjs/common';
import { AccountReadingSchedule } from './readings/account-reading-schedule.service.js';

/** The part that processes with the role worker run; the rest is there for every room. */
@Module({ providers: [AccountReadingSchedule] })
export class GatewayWorkerModule {}
