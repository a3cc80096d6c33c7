import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import type { Page } from '../platform/http/page.js';
import { TemplateAuthor } from './template-author.service.js';
import {
  CreateTemplateDto,
  DeleteTemplatesQuery,
  PatchTemplateDto,
  SyncTemplatesDto,
  TemplateQuery,
} from './template.dto.js';
import { TemplateReader } from './template-reader.service.js';
import { TemplateSyncView, TemplateView } from './template.view.js';

@ApiRoute('templates')
export class TemplatesController {
  constructor(
    private readonly reader: TemplateReader,
    private readonly author: TemplateAuthor,
  ) {}

  @Get()
  @RequirePermission('gateways:read')
  @ApiOperation({ summary: 'List the templates that the networks have, as far as we know, newest first' })
  list(@CurrentPrincipal() principal: Principal, @Query() query: TemplateQuery): Promise<Page<TemplateView>> {
    return this.reader.page(principal, query);
  }

  @Get(':id')
  @RequirePermission('gateways:read')
  @ApiOkResponse({ type: TemplateView })
  get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<TemplateView> {
    return this.reader.get(principal, id);
  }

  @Post()
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Ask the network to review a new template' })
  @ApiCreatedResponse({ type: TemplateView })
  async create(@CurrentPrincipal() principal: Principal, @Body() body: CreateTemplateDto): Promise<TemplateView> {
    const { gateway, channel, group, ...draft } = body;
    const place = { gateway, ...(channel !== undefined && { channel }), ...(group !== undefined && { group }) };
    return this.reader.get(principal, await this.author.create(principal, place, draft));
  }

  @Post('sync')
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Read the lists of the networks anew' })
  @ApiOkResponse({ type: [TemplateSyncView] })
  async sync(
    @CurrentPrincipal() principal: Principal,
    @Body() body: SyncTemplatesDto,
  ): Promise<{ readonly items: readonly TemplateSyncView[] }> {
    return { items: await this.reader.readAnew(principal, body ?? {}) };
  }

  @Patch(':id')
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Change a template; the network reviews it again' })
  @ApiOkResponse({ type: TemplateView })
  async revise(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() patch: PatchTemplateDto,
  ): Promise<TemplateView> {
    await this.author.revise(principal, id, patch);
    return this.reader.get(principal, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Delete one language of a template at the network, which blocks its name for weeks' })
  @ApiNoContentResponse()
  delete(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.author.remove(principal, id);
  }

  @Delete()
  @HttpCode(204)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Delete every language of a name at the network, which blocks the name for weeks' })
  @ApiNoContentResponse()
  deleteName(@CurrentPrincipal() principal: Principal, @Query() query: DeleteTemplatesQuery): Promise<void> {
    return this.author.removeName(principal, query, query.name);
  }
}
