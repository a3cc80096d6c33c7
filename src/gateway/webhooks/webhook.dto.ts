import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../../platform/http/may-be-absent.js';
import { BOT_EVENT_TYPES } from '../bot-event-types.js';

/** Every field may be left out; saying anything about a webhook that was disabled enables it again. */
export class PatchWebhookDto {
  @ApiPropertyOptional({ example: 'https://crm.example.com/events' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  url?: string;

  @ApiPropertyOptional({ enum: ['*', ...BOT_EVENT_TYPES], isArray: true })
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  @IsIn(['*', ...BOT_EVENT_TYPES], { each: true })
  events?: string[];

  @ApiPropertyOptional({ type: [String], description: 'ids or uris' })
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  gateways?: string[];
}

export class CreateWebhookDto {
  @ApiProperty({ example: 'https://crm.example.com/events' })
  @IsString()
  @MaxLength(2000)
  url!: string;

  @ApiProperty({ enum: ['*', ...BOT_EVENT_TYPES], isArray: true, description: 'what it is told; `["*"]`: everything' })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  @IsIn(['*', ...BOT_EVENT_TYPES], { each: true })
  events!: string[];

  @ApiPropertyOptional({ type: [String], description: 'ids or uris; absent: all gateways that the key may use' })
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty({ message: 'gateways must name at least one; leave it out for all gateways' })
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  gateways?: string[];

  @ApiPropertyOptional({ description: 'whsec_ and base64 of 16 to 128 bytes; made when absent' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(300)
  secret?: string;
}
