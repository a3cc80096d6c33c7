import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsDateString, IsIn, IsISO8601, IsString, Length, MaxLength } from 'class-validator';
import { IsPlainText } from '../../platform/http/is-plain-text.js';
import { MayBeAbsent } from '../../platform/http/may-be-absent.js';
import { CONSENT_STATES, CONSENT_TOPICS, type ConsentState, type ConsentTopic } from './consent.js';

export const MAX_HOW = 100;
export const MAX_WHAT = 1_000;

export class ConsentBody {
  @ApiProperty({ enum: CONSENT_STATES, description: 'in: the person wants these messages; out: they do not' })
  @IsIn(CONSENT_STATES)
  state!: ConsentState;

  @ApiPropertyOptional({ enum: CONSENT_TOPICS, default: 'all' })
  @MayBeAbsent()
  @IsIn(CONSENT_TOPICS)
  topic?: ConsentTopic;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'when the person said so; default: now' })
  @MayBeAbsent()
  @IsDateString({ strict: true })
  @IsISO8601({ strict: true, strictSeparator: true })
  at?: string;

  @ApiPropertyOptional({ type: String, description: 'how it was given, e.g. “web form”; default: api' })
  @MayBeAbsent()
  @IsString()
  @Length(1, MAX_HOW)
  @IsPlainText()
  how?: string;

  @ApiPropertyOptional({ type: String, description: 'for what, e.g. the words that the person agreed to' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_WHAT)
  what?: string;
}

export class ConsentImportBody {
  @ApiProperty({ type: String, description: 'id or uri of the gateway that reaches these people' })
  @IsString()
  @Length(1, 100)
  gateway!: string;

  @ApiPropertyOptional({ type: String, example: 'whatsapp' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 100)
  channel?: string;

  @ApiProperty({
    type: 'array',
    items: { type: 'object' },
    description:
      'up to 10,000 of {to, state, topic?, at?, how?, what?}; to: E.164, or one of {phone}, {userId}, {contact}',
  })
  @IsArray()
  consents!: unknown[];
}
