import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsISO8601,
  IsInt,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { MayBeAbsent } from '../../platform/http/may-be-absent.js';
import { MESSAGE_CLASSES, type MessageClass } from '../message-class.js';

/** Which messages: everything given must hold. */
export class MessageFilterBody {
  @ApiPropertyOptional({ type: String, description: 'id or uri' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 100)
  gateway?: string;

  @ApiPropertyOptional({ type: String, description: 'address of the sender, e.g. a phone number id' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  account?: string;

  @ApiPropertyOptional({ enum: MESSAGE_CLASSES })
  @MayBeAbsent()
  @IsIn(MESSAGE_CLASSES)
  class?: MessageClass;

  @ApiPropertyOptional({ type: String, description: 'id of a dialog' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 100)
  dialog?: string;

  @ApiPropertyOptional({ type: String, description: 'phone number in E.164' })
  @MayBeAbsent()
  @Matches(/^\+?[1-9]\d{4,14}$/, { message: 'to must be a phone number in E.164' })
  to?: string;

  @ApiPropertyOptional({ type: String, description: 'name of the template that they go by' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 512)
  template?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'taken at this moment or later' })
  @MayBeAbsent()
  @IsISO8601({ strict: true, strictSeparator: true })
  since?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'taken before this moment' })
  @MayBeAbsent()
  @IsISO8601({ strict: true, strictSeparator: true })
  until?: string;
}

/** `POST /messages/cancel`: the filter itself, or under `filter`. */
export class CancelBody extends MessageFilterBody {
  @ApiPropertyOptional({ type: MessageFilterBody })
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => MessageFilterBody)
  filter?: MessageFilterBody;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'needed when the filter is empty: cancels everything that has not left',
  })
  @MayBeAbsent()
  @IsBoolean()
  all?: boolean;

  @ApiPropertyOptional({ type: Boolean, description: 'only count' })
  @MayBeAbsent()
  @IsBoolean()
  dryRun?: boolean;
}

/** `POST /messages/redrive`: failed messages, by what they failed with; the filter itself, or under `filter`. */
export class RedriveBody extends MessageFilterBody {
  @ApiPropertyOptional({ type: MessageFilterBody })
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => MessageFilterBody)
  filter?: MessageFilterBody;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'integer' }],
    description: 'our code, e.g. payment.required, or the network’s own, e.g. 131042',
  })
  @Transform(({ value }: { value: unknown }) => (Number.isSafeInteger(value) ? String(value) : value))
  @IsString()
  @Length(1, 100)
  code!: string;

  @ApiPropertyOptional({ type: Boolean, description: 'only count, and show some' })
  @MayBeAbsent()
  @IsBoolean()
  dryRun?: boolean;

  @ApiPropertyOptional({ type: Number, description: 'at most so many, the oldest first', default: 10_000 })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(100_000)
  limit?: number;
}
