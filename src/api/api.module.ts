import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { HealthModule } from './health.module.js';
import { KeysController } from './keys.controller.js';

/** What cuts across the rooms: health, metrics, keys. */
@Module({ imports: [AccessModule, HealthModule], controllers: [KeysController] })
export class ApiModule {}
