import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { MayBeAbsent } from '../platform/http/may-be-absent.js';
import { BOT_EVENT_TYPES, DEFAULT_BOT_EVENTS } from './bot-event-types.js';

const BOT_TYPES = ['webhook', 'in-process'] as const;

/** Who answers, as people write it. In a PATCH every field may be left out. */
export class BotDto {
  @ApiPropertyOptional({
    enum: BOT_TYPES,
    default: 'webhook',
    description: 'in-process: a provider with @ChatBot in the application that Patchbay is part of',
  })
  @MayBeAbsent()
  @IsIn(BOT_TYPES)
  type?: (typeof BOT_TYPES)[number];

  @ApiPropertyOptional({
    example: 'https://bot.example.com/events',
    description: 'needed when the bot is new and of the type webhook',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  url?: string;

  @ApiPropertyOptional({ description: 'whsec_ and base64 of 16 to 128 bytes; made when absent' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(300)
  secret?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 60, default: 10 })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(60)
  timeoutSeconds?: number;

  @ApiPropertyOptional({ enum: ['*', ...BOT_EVENT_TYPES], isArray: true, default: [...DEFAULT_BOT_EVENTS] })
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  @IsIn(['*', ...BOT_EVENT_TYPES], { each: true })
  events?: string[];
}
