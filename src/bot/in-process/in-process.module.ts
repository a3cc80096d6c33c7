import { type DynamicModule, Module } from '@nestjs/common';
import { IN_PROCESS_HANDLERS, type InProcessHandlers } from './handlers.js';

/** Hands the handlers of this process to the rooms. Global, since the rooms are imported by their bare classes. */
@Module({})
export class InProcessModule {
  static forRoot(handlers: InProcessHandlers): DynamicModule {
    const provider = { provide: IN_PROCESS_HANDLERS, useValue: handlers };
    return { module: InProcessModule, global: true, providers: [provider], exports: [provider] };
  }
}
