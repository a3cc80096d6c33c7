import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../../access/api-route.decorator.js';
import { RequirePermission } from '../../access/permission.guard.js';
import type { Principal } from '../../access/principal.js';
import { CurrentPrincipal } from '../../access/request-principal.js';
import { PageQuery } from '../../platform/http/page.dto.js';
import type { Page } from '../../platform/http/page.js';
import { CreateWebhookDto, PatchWebhookDto } from './webhook.dto.js';
import { WebhookService } from './webhook.service.js';
import { WebhookView } from './webhook.view.js';

@ApiRoute('webhooks')
export class WebhookController {
  constructor(private readonly webhooks: WebhookService) {}

  @Post()
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Tell an application the same events as the bot, signed and retried the same way' })
  @ApiCreatedResponse({ type: WebhookView, description: 'shows the secret in clear, this once' })
  create(@CurrentPrincipal() principal: Principal, @Body() body: CreateWebhookDto): Promise<WebhookView> {
    return this.webhooks.create(principal, body);
  }

  @Get()
  @RequirePermission('gateways:read')
  list(@CurrentPrincipal() principal: Principal, @Query() query: PageQuery): Promise<Page<WebhookView>> {
    return this.webhooks.list(principal, query.limit, query.cursor);
  }

  @Get(':id')
  @RequirePermission('gateways:read')
  @ApiOkResponse({ type: WebhookView })
  get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<WebhookView> {
    return this.webhooks.get(principal, id);
  }

  @Patch(':id')
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Change it; one that was disabled by its own 410 is called again' })
  @ApiOkResponse({ type: WebhookView })
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() patch: PatchWebhookDto,
  ): Promise<WebhookView> {
    return this.webhooks.update(principal, id, patch);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('gateways:write')
  @ApiNoContentResponse()
  delete(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.webhooks.delete(principal, id);
  }
}
