import { Module } from '@nestjs/common';
import { TemplateModule } from './template.module.js';
import { TemplateSchedule } from './template-schedule.service.js';

/** The part that processes with the role worker run. */
@Module({ imports: [TemplateModule], providers: [TemplateSchedule] })
export class TemplateWorkerModule {}
