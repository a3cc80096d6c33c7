import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  Allow,
  IsBoolean,
  IsIn,
  IsISO8601,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { MayBeAbsent } from '../platform/http/may-be-absent.js';
import { PageQuery } from '../platform/http/page.dto.js';

export class DialogQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'id or uri' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  gateway?: string;

  @ApiPropertyOptional({ enum: ['open', 'closed'] })
  @IsOptional()
  @IsIn(['open', 'closed'])
  status?: 'open' | 'closed';
}

export class DialogChange {
  @ApiPropertyOptional({ type: Object, description: 'name → string; an empty string removes the variable' })
  @Allow()
  variables?: unknown;

  @ApiPropertyOptional({ enum: ['resume'], description: 'resume lets the bot answer again, whatever stopped it' })
  @MayBeAbsent()
  @IsIn(['resume'])
  bot?: 'resume';

  @ApiPropertyOptional({ type: Boolean, description: 'true closes; the customer’s next message opens a new dialog' })
  @MayBeAbsent()
  @IsBoolean()
  close?: boolean;
}

export class DialogAssignment {
  @ApiProperty({ type: String, nullable: true, description: 'who, in your own words: a name or an id; null releases' })
  @ValidateIf((_, value) => value !== null)
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  to!: string | null;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'left out: until it is released' })
  @MayBeAbsent()
  @IsISO8601({ strict: true })
  @MaxLength(40)
  until?: string;
}
