import { Body, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { PageQuery } from '../platform/http/page.dto.js';
import { ConsentImport } from './consent/consent-import.service.js';
import { ConsentBody, ConsentImportBody } from './consent/consent.dto.js';
import { ContactReader } from './contact-reader.service.js';

@ApiRoute('contacts')
export class ContactsController {
  constructor(
    private readonly contacts: ContactReader,
    private readonly imports: ConsentImport,
  ) {}

  @Post('consents')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'Put the consent of up to 10,000 people on record; who is not known becomes a contact' })
  async import(@CurrentPrincipal() principal: Principal, @Body() body: ConsentImportBody): Promise<object> {
    return { items: await this.imports.run(principal, body) };
  }

  @Get(':id')
  @RequirePermission('messages:read')
  @ApiOperation({ summary: 'A contact with its identities and what it wants to get' })
  get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<object> {
    return this.contacts.view(principal, id);
  }

  @Get(':id/consent')
  @RequirePermission('messages:read')
  @ApiOperation({ summary: 'What stands, and all that was ever put on record, newest first' })
  history(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<object> {
    return this.contacts.history(principal, id, query);
  }

  @Put(':id/consent')
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'Put an opt-in or opt-out on record' })
  record(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: ConsentBody,
  ): Promise<object> {
    return this.contacts.record(principal, id, body);
  }
}
