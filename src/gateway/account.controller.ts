import { Body, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import type { Page } from '../platform/http/page.js';
import { AccountListQuery, AccountQuery, PatchAccountDto } from './account.dto.js';
import { AccountService } from './account.service.js';
import { AccountView } from './account.view.js';

@ApiRoute('accounts')
export class AccountController {
  constructor(private readonly accounts: AccountService) {}

  @Get()
  @RequirePermission('gateways:read')
  list(@CurrentPrincipal() principal: Principal, @Query() query: AccountListQuery): Promise<Page<AccountView>> {
    return this.accounts.list(principal, query);
  }

  @Get(':id')
  @RequirePermission('gateways:read')
  @ApiOkResponse({ type: AccountView })
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
  ): Promise<AccountView> {
    return this.accounts.get(principal, id, query);
  }

  @Patch(':id')
  @RequirePermission('gateways:write')
  @ApiOkResponse({ type: AccountView })
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
    @Body() patch: PatchAccountDto,
  ): Promise<AccountView> {
    return this.accounts.update(principal, id, query, patch);
  }
}
