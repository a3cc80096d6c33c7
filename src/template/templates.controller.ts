import { Get, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import type { Page } from '../platform/http/page.js';
import { TemplateQuery } from './template.dto.js';
import { TemplateReader } from './template-reader.service.js';
import type { TemplateView } from './template.view.js';

@ApiRoute('templates')
export class TemplatesController {
  constructor(private readonly reader: TemplateReader) {}

  @Get()
  @RequirePermission('gateways:read')
  @ApiOperation({ summary: 'List the templates that the networks have, as far as we know, newest first' })
  list(@CurrentPrincipal() principal: Principal, @Query() query: TemplateQuery): Promise<Page<TemplateView>> {
    return this.reader.page(principal, query);
  }
}
