import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { PERMISSIONS, type Permission } from '../access/permissions.js';
import { IsPlainText } from '../platform/http/is-plain-text.js';
import { MayBeAbsent } from '../platform/http/may-be-absent.js';

export class CreateKeyDto {
  @ApiProperty({ example: 'shop backend' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  @IsPlainText()
  name!: string;

  @ApiProperty({ enum: PERMISSIONS, isArray: true })
  @IsArray()
  @ArrayMaxSize(50)
  @IsIn(PERMISSIONS, { each: true })
  permissions!: Permission[];

  @ApiPropertyOptional({ type: [String], description: 'ids or uris that the key is limited to; absent: all gateways' })
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty({ message: 'gateways must name at least one; leave it out for all gateways' })
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  gateways?: string[];
}
