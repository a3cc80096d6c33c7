import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsObject, IsString, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import { MayBeAbsent } from '../platform/http/may-be-absent.js';
import { PageQuery } from '../platform/http/page.dto.js';
import { BotDto } from './bot.dto.js';

/** Which of several accounts with one address is meant. */
export class AccountQuery {
  @ApiPropertyOptional({ description: 'id or uri of a gateway' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  gateway?: string;

  @ApiPropertyOptional({ example: 'whatsapp' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(50)
  channel?: string;
}

export class AccountListQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'id or uri of a gateway' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  gateway?: string;

  @ApiPropertyOptional({ example: 'whatsapp' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(50)
  channel?: string;
}

export class PatchAccountDto {
  @ApiPropertyOptional({ description: 'false: nothing is sent from it, and what comes in is stored only' })
  @MayBeAbsent()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({ type: BotDto, nullable: true, description: 'a bot of its own; null: the gateway’s' })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsObject()
  @ValidateNested()
  @Type(() => BotDto)
  bot?: BotDto | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    writeOnly: true,
    description: 'a credential of its own (for WhatsApp an access token); null: the gateway’s. Masked in every answer',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsString()
  @MaxLength(4096)
  credential?: string | null;
}
