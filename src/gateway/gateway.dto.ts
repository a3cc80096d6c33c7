import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsNotEmpty,
  IsObject,
  IsString,
  Matches,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsPlainText } from '../platform/http/is-plain-text.js';
import { MayBeAbsent } from '../platform/http/may-be-absent.js';
import { BotDto } from './bot.dto.js';
import { GATEWAY_URI, GATEWAY_URI_RULE } from './gateway-uri.js';

const METADATA = {
  type: 'object',
  additionalProperties: { type: 'string' },
  example: { whatsapp_token: 'EAAG…', client_id: '1234567890' },
  description: 'settings of the gateway type, see GET /gateway-types; secrets come back masked',
} as const;

export class CreateGatewayDto {
  @ApiProperty({ example: 'Acme' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  @IsPlainText()
  name!: string;

  @ApiProperty({ example: 'acme', description: GATEWAY_URI_RULE })
  @IsString()
  @Matches(GATEWAY_URI, { message: GATEWAY_URI_RULE })
  uri!: string;

  @ApiProperty({ example: 'messenger' })
  @IsString()
  @MaxLength(100)
  type!: string;

  @ApiPropertyOptional({ default: true })
  @MayBeAbsent()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional(METADATA)
  @MayBeAbsent()
  @IsObject()
  metadata?: Record<string, unknown>;

  @ApiPropertyOptional({ type: BotDto, nullable: true })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsObject()
  @ValidateNested()
  @Type(() => BotDto)
  bot?: BotDto | null;
}

/** Merges: what is left out stays. `uri` and `type` are fixed and may only be repeated. */
export class PatchGatewayDto {
  @ApiPropertyOptional()
  @MayBeAbsent()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  @IsPlainText()
  name?: string;

  @ApiPropertyOptional({ description: 'fixed: may only be repeated' })
  @MayBeAbsent()
  @IsString()
  uri?: string;

  @ApiPropertyOptional({ description: 'fixed: may only be repeated' })
  @MayBeAbsent()
  @IsString()
  type?: string;

  @ApiPropertyOptional()
  @MayBeAbsent()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({ ...METADATA, description: 'null removes a key; a masked value means unchanged' })
  @MayBeAbsent()
  @IsObject()
  metadata?: Record<string, unknown>;

  @ApiPropertyOptional({ type: BotDto, nullable: true, description: 'merges; null removes the bot' })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsObject()
  @ValidateNested()
  @Type(() => BotDto)
  bot?: BotDto | null;
}

export class DeleteGatewayQuery {
  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'unsubscribes and cancels what is in the way' })
  @MayBeAbsent()
  @IsIn(['true', 'false'])
  force?: 'true' | 'false';
}
