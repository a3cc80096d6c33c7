import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Cipher } from '../platform/secrets/cipher.js';
import type { GatewayRow, GatewayStatus, NewGatewayRow } from './gateway.repository.js';
import type { LoadedGateway } from './loaded-gateway.js';
import { type BotView, botView } from './stored-bot.js';
import { maskMetadata, openMetadata } from './stored-metadata.js';

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

const NOTHING: ShownOnce = { metadata: new Set(), botSecret: false };

/** `loaded` is absent when the gateway's type is not installed; the gateway is shown all the same. */
export function gatewayView(
  row: GatewayRow | NewGatewayRow,
  loaded: LoadedGateway | undefined,
  callbackUri: string,
  cipher: Cipher,
  shown: ShownOnce = NOTHING,
): GatewayView {
  const reason = loaded ? loaded.statusReason : `The gateway type ${row.type} is not installed.`;
  return {
    id: row.id,
    name: row.name,
    uri: row.uri,
    type: row.type,
    enabled: row.enabled,
    metadata: maskMetadata(openMetadata(row.metadata, cipher), loaded?.type, shown.metadata),
    ...(row.bot && { bot: botView(row.bot, cipher, shown.botSecret) }),
    ...(row.bot?.disabledReason !== undefined && { botDisabledReason: row.bot.disabledReason }),
    callbackUri,
    ...(loaded?.sharedCallbackUrl !== undefined && { sharedCallbackUri: loaded.sharedCallbackUrl }),
    status: loaded?.status ?? 'parked',
    ...(reason !== undefined && { reason }),
    warnings: loaded ? loaded.type.warnings(loaded.settings) : [],
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
