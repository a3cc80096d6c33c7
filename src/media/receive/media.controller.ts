import { Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiResponse } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { IncomingMessage } from 'node:http';
import { ApiRoute } from '../../access/api-route.decorator.js';
import { RequirePermission } from '../../access/permission.guard.js';
import type { Principal } from '../../access/principal.js';
import { CurrentPrincipal } from '../../access/request-principal.js';
import { MEDIA_TYPES, type MediaType } from '../../contract/index.js';
import { MediaView } from '../media.view.js';
import { OwnFiles } from './own-files.service.js';

export class UploadQuery {
  @ApiPropertyOptional({ type: String, description: 'id or uri of the gateway that may send it; absent: any' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  gateway?: string;

  @ApiPropertyOptional({ enum: MEDIA_TYPES, description: 'what it will be sent as: its size is judged at once' })
  @IsOptional()
  @IsIn(MEDIA_TYPES)
  type?: MediaType;

  @ApiPropertyOptional({ type: String, description: 'wins over the name in a header or form' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  filename?: string;
}

@ApiRoute('media')
export class MediaController {
  constructor(private readonly files: OwnFiles) {}

  /** Reads the body itself, after the caller's key and permission were looked at, and straight to disk. */
  @Post()
  @HttpCode(201)
  @RequirePermission('messages:send')
  @ApiOperation({
    summary: 'Upload a file, to be sent by its id',
    description:
      'The file is the body, with its Content-Type, or the first file of a form. What it is, its bytes decide.',
  })
  @ApiConsumes('application/octet-stream', 'multipart/form-data')
  @ApiResponse({ status: 201, type: MediaView })
  async upload(
    @CurrentPrincipal() principal: Principal,
    @Req() request: IncomingMessage,
    @Query() query: UploadQuery,
  ): Promise<MediaView> {
    return this.files.receive(principal, request, query);
  }

  @Get(':id')
  @RequirePermission('messages:read')
  @ApiOperation({ summary: 'A file, with its state and a fresh link' })
  @ApiOkResponse({ type: MediaView })
  async get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<MediaView> {
    return this.files.view(principal, id);
  }
}
