import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsDateString,
  IsIn,
  IsISO8601,
  IsInt,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsPlainText } from '../../platform/http/is-plain-text.js';
import { MayBeAbsent } from '../../platform/http/may-be-absent.js';
import { MESSAGE_CLASSES, type MessageClass } from '../message-class.js';

const MOST_PEOPLE = 10_000_000;

export class LimitsQuery {
  @ApiPropertyOptional({ description: 'id or uri of a gateway' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  gateway?: string;
}

/** People whom another system opened at about the same time. */
export class OpeningDto {
  @ApiProperty({ description: 'how many people, each for the first time in a day', example: 180 })
  @IsInt()
  @Min(0)
  @Max(MOST_PEOPLE)
  opened!: number;

  @ApiProperty({ description: 'when; within the last 24 hours', example: '2026-11-20T09:00:00Z' })
  @IsDateString({ strict: true })
  @IsISO8601({ strict: true, strictSeparator: true })
  at!: string;
}

export class SeedDto {
  @ApiProperty({ description: 'id or uri of a gateway' })
  @IsString()
  @Length(1, 100)
  gateway!: string;

  @ApiPropertyOptional({ description: 'as GET /limits names it; may be left out where the gateway has one' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  portfolio?: string;

  @ApiPropertyOptional({ description: 'how many people another system opened; this or openings', example: 180 })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST_PEOPLE)
  opened?: number;

  @ApiPropertyOptional({ description: 'with opened: when, within the last 24 hours; the default is now' })
  @MayBeAbsent()
  @IsDateString({ strict: true })
  @IsISO8601({ strict: true, strictSeparator: true })
  at?: string;

  @ApiPropertyOptional({ type: [OpeningDto], description: 'by time, so that places come back when they really do' })
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_440)
  @ValidateNested({ each: true })
  @Type(() => OpeningDto)
  openings?: OpeningDto[];
}

/** What is stopped, or goes on. Left out: all of them. */
export class ResumeDto {
  @ApiPropertyOptional({ description: 'id or uri of a gateway; all gateways when left out' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 100)
  gateway?: string;

  @ApiPropertyOptional({ description: 'an account’s address, e.g. a phone number id; all accounts when left out' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  account?: string;

  @ApiPropertyOptional({ enum: MESSAGE_CLASSES, description: 'all classes when left out' })
  @MayBeAbsent()
  @IsIn(MESSAGE_CLASSES)
  class?: MessageClass;
}

export class PauseDto extends ResumeDto {
  @ApiPropertyOptional({ description: 'shown on every message that waits for it' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  @IsPlainText()
  reason?: string;

  @ApiPropertyOptional({ description: 'until when; until somebody resumes when left out' })
  @MayBeAbsent()
  @IsDateString({ strict: true })
  @IsISO8601({ strict: true, strictSeparator: true })
  until?: string;
}
