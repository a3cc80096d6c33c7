import { Module } from '@nestjs/common';
import { AccessModule } from '../../access/access.module.js';
import { StreamController } from './stream.controller.js';
import { StreamHub } from './stream-hub.service.js';
import { StreamLogRepository } from './stream-log.repository.js';
import { StreamOpener } from './stream-opener.service.js';

/** Events for consumers that come and fetch them. */
@Module({
  imports: [AccessModule],
  controllers: [StreamController],
  providers: [StreamLogRepository, StreamOpener, StreamHub],
  exports: [StreamHub],
})
export class StreamModule {}
