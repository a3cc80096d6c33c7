import { Module } from '@nestjs/common';
import { MediaModule } from './media.module.js';
import { MediaProcessor } from './media.processor.js';
import { MediaRetention } from './media-retention.service.js';
import { MediaSweeper } from './media-sweeper.service.js';

/** The part of it that processes with the role worker run. */
@Module({ imports: [MediaModule], providers: [MediaProcessor, MediaSweeper, MediaRetention] })
export class MediaWorkerModule {}
