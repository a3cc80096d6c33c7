import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsString, MaxLength } from 'class-validator';
import { BOT_EVENT_TYPES } from '../../gateway/bot-event-types.js';
import { MayBeAbsent } from '../../platform/http/may-be-absent.js';

/** A parameter that may be repeated, and may hold several values with commas between them. */
function Values(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    value === undefined
      ? undefined
      : [value].flat().flatMap((one) => (typeof one === 'string' ? one.split(',').map((part) => part.trim()) : [one])),
  );
}

export class StreamQuery {
  @ApiPropertyOptional({
    type: [String],
    description: 'id or uri; may be repeated. Left out: all gateways that the key may use',
  })
  @MayBeAbsent()
  @Values()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  gateway?: string[];

  @ApiPropertyOptional({
    enum: ['*', ...BOT_EVENT_TYPES],
    isArray: true,
    description: 'may be repeated or separated by commas. Left out: all',
  })
  @MayBeAbsent()
  @Values()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  @IsIn(['*', ...BOT_EVENT_TYPES], { each: true })
  types?: string[];
}
