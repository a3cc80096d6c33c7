import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { PageQuery } from '../platform/http/page.dto.js';
import type { Page } from '../platform/http/page.js';
import { CreateGatewayDto, DeleteGatewayQuery, PatchGatewayDto } from './gateway.dto.js';
import { GatewayRemovalService } from './gateway-removal.service.js';
import { GatewayService } from './gateway.service.js';
import { GatewayView } from './gateway.view.js';
import { TicketService, TicketView } from './ticket.service.js';

@ApiRoute('gateways')
export class GatewayController {
  constructor(
    private readonly gateways: GatewayService,
    private readonly removal: GatewayRemovalService,
    private readonly tickets: TicketService,
  ) {}

  @Post()
  @RequirePermission('gateways:write')
  @ApiCreatedResponse({ type: GatewayView, description: 'shows verify_token and bot.secret in clear, this once' })
  create(@CurrentPrincipal() principal: Principal, @Body() body: CreateGatewayDto): Promise<GatewayView> {
    return this.gateways.create(principal, body);
  }

  @Get()
  @RequirePermission('gateways:read')
  list(@CurrentPrincipal() principal: Principal, @Query() query: PageQuery): Promise<Page<GatewayView>> {
    return this.gateways.list(principal, query.limit, query.cursor);
  }

  @Get(':id')
  @RequirePermission('gateways:read')
  @ApiOkResponse({ type: GatewayView })
  get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<GatewayView> {
    return this.gateways.get(principal, id);
  }

  @Patch(':id')
  @RequirePermission('gateways:write')
  @ApiOkResponse({ type: GatewayView })
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() patch: PatchGatewayDto,
  ): Promise<GatewayView> {
    return this.gateways.update(principal, id, patch);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('gateways:write')
  @ApiNoContentResponse()
  async delete(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: DeleteGatewayQuery,
  ): Promise<void> {
    const row = await this.gateways.require(principal, id);
    await this.removal.delete(row.id, query.force === 'true');
  }

  @Post(':id/tickets')
  @RequirePermission('gateways:write')
  @ApiCreatedResponse({ type: TicketView })
  async createTicket(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<TicketView> {
    const row = await this.gateways.require(principal, id);
    return this.tickets.create(row.id);
  }
}
