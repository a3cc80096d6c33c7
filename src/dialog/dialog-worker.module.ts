import { Module } from '@nestjs/common';
import { DialogModule } from './dialog.module.js';
import { IdleRepository } from './idle.repository.js';
import { IdleSweeper } from './idle-sweeper.service.js';

/** What dialogs do by themselves; processes with the role worker run it. */
@Module({
  imports: [DialogModule],
  providers: [IdleRepository, IdleSweeper],
})
export class DialogWorkerModule {}
