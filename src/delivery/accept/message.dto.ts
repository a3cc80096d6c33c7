import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
  IsDateString,
  IsIn,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Length,
  MaxLength,
} from 'class-validator';
import type { JsonObject } from '../../contract/index.js';
import { MESSAGE_STATUSES } from '../../dialog/message-status.js';
import { MayBeAbsent } from '../../platform/http/may-be-absent.js';
import { PageQuery } from '../../platform/http/page.dto.js';

/** What can be said of a message wherever it is sent from. */
export class DialogMessageBody {
  @ApiProperty({ type: Object, description: 'the content: text, template, native, …' })
  @Allow()
  content!: unknown;

  @ApiPropertyOptional({ type: Object, description: 'a template that goes when free-form content may not' })
  @Allow()
  fallback?: unknown;

  @ApiPropertyOptional({ type: String, description: 'id of the message that this one answers' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  replyTo?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'not sent after this moment' })
  @MayBeAbsent()
  @IsDateString({ strict: true })
  @IsISO8601({ strict: true, strictSeparator: true })
  expiresAt?: string;

  @ApiPropertyOptional({ type: Object, description: 'your own data, given back with the message and its events' })
  @MayBeAbsent()
  @IsObject()
  @Type(() => Object)
  metadata?: JsonObject;
}

export class MessageBody extends DialogMessageBody {
  @ApiProperty({ type: String, description: 'id or uri of the gateway' })
  @IsString()
  @Length(1, 100)
  gateway!: string;

  @ApiPropertyOptional({ type: String, example: 'whatsapp' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 100)
  channel?: string;

  @ApiPropertyOptional({ type: String, description: 'address of the sender, e.g. a phone number id' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  account?: string;

  @ApiProperty({ description: 'E.164, or one of {phone}, {userId}, {contact}, {dialog}', example: '+16505551234' })
  @Allow()
  to!: unknown;
}

export class MessageQuery extends PageQuery {
  @ApiPropertyOptional({ enum: MESSAGE_STATUSES })
  @IsOptional()
  @IsIn(MESSAGE_STATUSES)
  status?: string;

  @ApiPropertyOptional({ type: String, description: 'id or uri' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  gateway?: string;

  @ApiPropertyOptional({ type: String, description: 'phone number in E.164' })
  @IsOptional()
  @IsString()
  @MaxLength(50)
  to?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  dialog?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  providerId?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  @IsOptional()
  @IsISO8601()
  since?: string;
}
