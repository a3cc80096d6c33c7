import { Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { PageQuery } from '../platform/http/page.dto.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { AttentionService } from './attention.service.js';

export class EventQuery extends PageQuery {
  @ApiProperty({ enum: ['unhandled', 'parked'] })
  @IsIn(['unhandled', 'parked'])
  state!: 'unhandled' | 'parked';

  @ApiPropertyOptional({ type: String, description: 'id or uri' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  gateway?: string;
}

@ApiRoute('events')
export class EventsController {
  constructor(
    private readonly attention: AttentionService,
    private readonly directory: GatewayDirectory,
  ) {}

  @Get()
  @RequirePermission('events:read')
  @ApiOperation({
    summary:
      'Events that want attention: what providers sent and we could not use, what bots and webhooks did not take',
  })
  async list(@CurrentPrincipal() principal: Principal, @Query() query: EventQuery): Promise<Page<object>> {
    const gateway = query.gateway === undefined ? undefined : this.directory.byIdOrUri(query.gateway);
    if (query.gateway !== undefined && !(gateway && mayAccessGateway(principal, gateway.id)))
      return { items: [], next: null };
    const filter = {
      gatewayIds: gateway ? [gateway.id] : gatewayLimit(principal),
      before: idOfCursor(query.cursor) ?? null,
      limit: query.limit + 1,
    };
    const rows =
      query.state === 'parked' ? await this.attention.parked(filter) : await this.attention.unhandled(filter);
    return pageOf(
      rows,
      query.limit,
      ({ position }) => position,
      ({ view }) => view,
    );
  }

  @Post(':id/replay')
  @HttpCode(202)
  @RequirePermission('events:replay')
  @ApiOperation({
    summary: 'Run an event again: a provider event through the inbox, another to those who did not take it',
  })
  async replay(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<object> {
    await this.attention.replay(principal, id);
    return { id, status: 'replaying' };
  }
}
