import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Matches, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../platform/http/may-be-absent.js';
import { USAGE_PARTS } from './usage.repository.js';

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const PARTS = new RegExp(`^(${USAGE_PARTS.join('|')})(,(${USAGE_PARTS.join('|')}))*$`);

export class UsageQuery {
  @ApiProperty({ example: '2026-11-01', description: 'first day, in the zone in which the network counts' })
  @Matches(DAY, { message: 'from must be a day like 2026-11-01' })
  from!: string;

  @ApiProperty({ example: '2026-11-30', description: 'last day' })
  @Matches(DAY, { message: 'to must be a day like 2026-11-30' })
  to!: string;

  @ApiPropertyOptional({ example: 'account,category', description: `any of ${USAGE_PARTS.join(', ')}` })
  @MayBeAbsent()
  @Matches(PARTS, { message: `groupBy must be any of ${USAGE_PARTS.join(', ')}, with commas between them` })
  groupBy?: string;

  @ApiPropertyOptional({ description: 'id or uri of a gateway' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  gateway?: string;

  @ApiPropertyOptional({ example: 'USD', default: 'USD', description: 'of the estimate' })
  @MayBeAbsent()
  @Matches(/^[A-Z]{3}$/, { message: 'currency must be an ISO 4217 code' })
  currency?: string;
}
