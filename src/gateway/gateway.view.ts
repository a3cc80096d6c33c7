import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { GatewayStatus } from './gateway.repository.js';
import type { BotView } from './stored-bot.js';

/** A gateway as the API shows it. */
export class GatewayView {
  @ApiProperty()
  id!: string;
  @ApiProperty()
  name!: string;
  @ApiProperty()
  uri!: string;
  @ApiProperty()
  type!: string;
  @ApiProperty()
  enabled!: boolean;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  metadata!: Record<string, string>;
  @ApiPropertyOptional({ type: Object })
  bot?: BotView;
  @ApiPropertyOptional({ description: 'why the bot is no longer called' })
  botDisabledReason?: string;
  @ApiProperty()
  callbackUri!: string;
  @ApiPropertyOptional({ description: 'the callback that all gateways of one app share' })
  sharedCallbackUri?: string;
  @ApiProperty({ enum: ['ok', 'unverified', 'parked'] })
  status!: GatewayStatus;
  @ApiPropertyOptional()
  reason?: string;
  @ApiProperty({ type: [String] })
  warnings!: readonly string[];
  @ApiProperty()
  createdAt!: string;
  @ApiProperty()
  updatedAt!: string;
}

/** What this one answer shows in clear: generated or given values that nothing else ever shows again. */
export interface ShownOnce {
  readonly metadata: ReadonlySet<string>;
  readonly botSecret: boolean;
}

export const NOTHING_SHOWN: ShownOnce = { metadata: new Set(), botSecret: false };
