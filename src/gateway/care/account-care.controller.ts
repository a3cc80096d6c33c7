import { Body, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../../access/api-route.decorator.js';
import { RequirePermission } from '../../access/permission.guard.js';
import type { Principal } from '../../access/principal.js';
import { CurrentPrincipal } from '../../access/request-principal.js';
import { AccountQuery } from '../account.dto.js';
import { AccountService } from '../account.service.js';
import { AccountView } from '../account.view.js';
import {
  LinkQuery,
  LinkView,
  PatchProfileDto,
  ProfileView,
  RegisterDto,
  RequestCodeDto,
  VerifyCodeDto,
} from './account-care.dto.js';
import { AccountCare } from './account-care.service.js';

@ApiRoute('accounts')
export class AccountCareController {
  constructor(
    private readonly care: AccountCare,
    private readonly accounts: AccountService,
  ) {}

  @Get(':id/link')
  @RequirePermission('gateways:read')
  @ApiOperation({ summary: 'An address that opens a chat with the account' })
  @ApiOkResponse({ type: LinkView })
  async link(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() { text, ...query }: LinkQuery,
  ): Promise<LinkView> {
    return { url: await this.care.link(principal, id, query, text) };
  }

  @Get(':id/profile')
  @RequirePermission('gateways:read')
  @ApiOperation({ summary: 'The business profile, as the network has it now' })
  @ApiOkResponse({ type: ProfileView })
  profile(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
  ): Promise<ProfileView> {
    return this.care.profile(principal, id, query);
  }

  @Patch(':id/profile')
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Change the business profile; null takes a member away' })
  @ApiOkResponse({ type: ProfileView })
  changeProfile(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
    @Body() change: PatchProfileDto,
  ): Promise<ProfileView> {
    return this.care.changeProfile(principal, id, query, change);
  }

  @Post(':id/refresh')
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Ask the network now how the account is' })
  @ApiOkResponse({ type: AccountView })
  async refresh(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
  ): Promise<AccountView> {
    await this.care.refresh(principal, id, query);
    return this.accounts.get(principal, id, query);
  }

  @Post(':id/request-code')
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Have a code sent to a new number, to prove that it is yours' })
  @ApiOkResponse({ type: AccountView })
  async requestCode(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
    @Body() body: RequestCodeDto,
  ): Promise<AccountView> {
    await this.care.requestCode(principal, id, query, body);
    return this.accounts.get(principal, id, query);
  }

  @Post(':id/verify-code')
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Give back the code that came to the number' })
  @ApiOkResponse({ type: AccountView })
  async verifyCode(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
    @Body() { code }: VerifyCodeDto,
  ): Promise<AccountView> {
    await this.care.verifyCode(principal, id, query, code);
    return this.accounts.get(principal, id, query);
  }

  @Post(':id/register')
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Take the number into use, with its PIN' })
  @ApiOkResponse({ type: AccountView })
  async register(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
    @Body() body: RegisterDto,
  ): Promise<AccountView> {
    await this.care.register(principal, id, query, body);
    return this.accounts.get(principal, id, query);
  }

  @Post(':id/deregister')
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Take the number out of use at the network' })
  @ApiOkResponse({ type: AccountView })
  async deregister(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: AccountQuery,
  ): Promise<AccountView> {
    await this.care.deregister(principal, id, query);
    return this.accounts.get(principal, id, query);
  }
}
