import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsString,
  MaxLength,
} from 'class-validator';
import type { JsonObject } from '../contract/index.js';
import { IsPlainText } from '../platform/http/is-plain-text.js';
import { MayBeAbsent } from '../platform/http/may-be-absent.js';
import { PageQuery } from '../platform/http/page.dto.js';

const COMPONENTS = {
  type: 'array' as const,
  items: { type: 'object' },
  description: 'the network’s own array',
  example: [{ type: 'BODY', text: 'Hi {{1}}, thanks', example: { body_text: [['Ann']] } }],
};

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

/** Where a template is, or shall be. */
class TemplatePlace {
  @ApiProperty({ description: 'id or uri of a gateway' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  @IsPlainText()
  gateway!: string;

  @ApiPropertyOptional({ description: 'where the gateway has several', example: 'whatsapp' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(50)
  @IsPlainText()
  channel?: string;

  @ApiPropertyOptional({ description: 'what it belongs to, e.g. a WhatsApp Business Account; where several fit' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  @IsPlainText()
  group?: string;
}

export class CreateTemplateDto extends TemplatePlace {
  @ApiProperty({ example: 'order_update' })
  @IsString()
  name!: string;

  @ApiProperty({ example: 'en_US' })
  @IsString()
  @MaxLength(100)
  @IsPlainText()
  language!: string;

  @ApiProperty({ description: 'the network’s own word', example: 'UTILITY' })
  @IsString()
  @MaxLength(100)
  @IsPlainText()
  category!: string;

  @ApiProperty(COMPONENTS)
  @IsArray()
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  components!: JsonObject[];

  @ApiPropertyOptional({ enum: ['positional', 'named'], default: 'positional' })
  @MayBeAbsent()
  @IsIn(['positional', 'named'])
  parameterFormat?: 'positional' | 'named';

  @ApiPropertyOptional({ description: 'the network may choose another category instead of rejecting it' })
  @MayBeAbsent()
  @IsBoolean()
  allowCategoryChange?: boolean;

  @ApiPropertyOptional({
    description: 'how long the network tries to deliver it, in seconds; -1: as long as it ever does',
  })
  @MayBeAbsent()
  @IsInt()
  ttlSeconds?: number;
}

/** What is left out stays. */
export class PatchTemplateDto {
  @ApiPropertyOptional({ description: 'the network’s own word', example: 'MARKETING' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  @IsPlainText()
  category?: string;

  @ApiPropertyOptional(COMPONENTS)
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  components?: JsonObject[];

  @ApiPropertyOptional({ description: 'in seconds; -1: as long as the network ever tries' })
  @MayBeAbsent()
  @IsInt()
  ttlSeconds?: number;
}

export class DeleteTemplatesQuery extends TemplatePlace {
  @ApiProperty({ description: 'of this name, every language goes', example: 'order_update' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  @IsPlainText()
  name!: string;
}

/** Which lists are read; without anything, all. */
export class SyncTemplatesDto {
  @ApiPropertyOptional({ description: 'id or uri of a gateway' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  @IsPlainText()
  gateway?: string;

  @ApiPropertyOptional({ example: 'whatsapp' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(50)
  @IsPlainText()
  channel?: string;

  @ApiPropertyOptional({ description: 'e.g. a WhatsApp Business Account' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  @IsPlainText()
  group?: string;
}
