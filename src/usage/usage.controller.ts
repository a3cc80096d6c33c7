import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { UsageQuery } from './usage.dto.js';
import { UsageReader } from './usage-reader.service.js';
import { UsageView } from './usage.view.js';

@ApiRoute('usage')
export class UsageController {
  constructor(private readonly reader: UsageReader) {}

  @Get()
  @RequirePermission('gateways:read')
  @ApiOperation({ summary: 'Messages that arrived, by what the networks said of their price, with an estimated cost' })
  @ApiOkResponse({ type: UsageView })
  get(@CurrentPrincipal() principal: Principal, @Query() query: UsageQuery): Promise<UsageView> {
    return this.reader.view(principal, query);
  }
}
