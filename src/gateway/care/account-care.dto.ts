import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
import { MayBeAbsent } from '../../platform/http/may-be-absent.js';
import { AccountQuery } from '../account.dto.js';

/** Far beyond what any network allows: its own limits are refused with 422, and say what they are. */
const MOST_CHARACTERS = 10_000;
const MOST_WEBSITES = 100;

/** Null takes a member away. */
function MayBeNull(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined && value !== null);
}

export class LinkQuery extends AccountQuery {
  @ApiPropertyOptional({ description: 'what the customer’s message begins with', example: 'Hello' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(4096)
  text?: string;
}

export class LinkView {
  @ApiProperty({ example: 'https://wa.me/15550783881?text=Hello' })
  url!: string;
}

export class PatchProfileDto {
  @ApiPropertyOptional({ type: String, nullable: true })
  @MayBeNull()
  @IsString()
  @MaxLength(MOST_CHARACTERS)
  about?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true })
  @MayBeNull()
  @IsString()
  @MaxLength(MOST_CHARACTERS)
  address?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true })
  @MayBeNull()
  @IsString()
  @MaxLength(MOST_CHARACTERS)
  description?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true })
  @MayBeNull()
  @IsString()
  @MaxLength(MOST_CHARACTERS)
  email?: string | null;

  @ApiPropertyOptional({ type: [String], nullable: true })
  @MayBeNull()
  @IsArray()
  @ArrayMaxSize(MOST_WEBSITES)
  @IsString({ each: true })
  @MaxLength(MOST_CHARACTERS, { each: true })
  websites?: string[] | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'the network’s own word', example: 'RETAIL' })
  @MayBeNull()
  @IsString()
  @MaxLength(100)
  vertical?: string | null;

  @ApiPropertyOptional({ description: 'the network’s handle of a picture that was uploaded there' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MOST_CHARACTERS)
  pictureHandle?: string;
}

export class ProfileView {
  @ApiPropertyOptional()
  about?: string;
  @ApiPropertyOptional()
  address?: string;
  @ApiPropertyOptional()
  description?: string;
  @ApiPropertyOptional()
  email?: string;
  @ApiPropertyOptional({ type: [String] })
  websites?: readonly string[];
  @ApiPropertyOptional()
  vertical?: string;
  @ApiPropertyOptional()
  pictureUrl?: string;
}

export class RequestCodeDto {
  @ApiPropertyOptional({ enum: ['sms', 'voice'], default: 'sms' })
  @MayBeAbsent()
  @IsIn(['sms', 'voice'])
  method: 'sms' | 'voice' = 'sms';

  @ApiPropertyOptional({ default: 'en_US', description: 'in which the code is told' })
  @MayBeAbsent()
  @Matches(/^[a-z]{2,3}(_[A-Z]{2})?$/, { message: 'language must look like en_US or de' })
  language: string = 'en_US';
}

export class VerifyCodeDto {
  @ApiProperty({ example: '123456' })
  @Matches(/^\d{3}-?\d{3}$/, { message: 'code must be the six digits that the network sent to the number' })
  code!: string;
}

export class RegisterDto {
  @ApiPropertyOptional({
    writeOnly: true,
    description:
      'six digits: the two-step verification PIN of the number, or the one that it gets now. Kept encrypted; absent: the one that is kept',
  })
  @MayBeAbsent()
  @Matches(/^\d{6}$/, { message: 'pin must be six digits' })
  pin?: string;

  @ApiPropertyOptional({ example: 'DE', description: 'country in which the network is to keep messages' })
  @MayBeAbsent()
  @Matches(/^[A-Z]{2}$/, { message: 'region must be a country code of two capital letters' })
  region?: string;
}
