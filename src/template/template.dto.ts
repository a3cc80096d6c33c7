import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../platform/http/may-be-absent.js';
import { PageQuery } from '../platform/http/page.dto.js';

export class TemplateQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'id or uri of a gateway' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  gateway?: string;

  @ApiPropertyOptional({ example: 'order_update' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(512)
  name?: string;

  @ApiPropertyOptional({ description: 'the network’s own word', example: 'APPROVED' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  status?: string;
}
