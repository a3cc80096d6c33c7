import { Get, Headers, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces } from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiRoute } from '../../access/api-route.decorator.js';
import { RequirePermission } from '../../access/permission.guard.js';
import type { Principal } from '../../access/principal.js';
import { CurrentPrincipal } from '../../access/request-principal.js';
import { StreamHub } from './stream-hub.service.js';
import { StreamOpener } from './stream-opener.service.js';
import { StreamQuery } from './stream.dto.js';

@ApiRoute('events')
export class StreamController {
  constructor(
    private readonly opener: StreamOpener,
    private readonly hub: StreamHub,
  ) {}

  @Get('stream')
  @RequirePermission('events:read')
  @ApiOperation({ summary: 'Events as they happen, as server-sent events, for whoever cannot be called' })
  @ApiProduces('text/event-stream')
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'goes on behind that event; without: from now on' })
  async stream(
    @CurrentPrincipal() principal: Principal,
    @Query() query: StreamQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const giveBack = this.hub.reserve(principal);
    try {
      const { filter, after } = await this.opener.open(principal, query, lastEventId || undefined);
      if (response.destroyed) return;
      response.status(200).set({
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-cache, no-store, no-transform',
        // Proxies such as nginx would collect it otherwise.
        'X-Accel-Buffering': 'no',
      });
      response.flushHeaders();
      this.hub.serve(principal, filter, after, response);
    } finally {
      giveBack();
    }
  }
}
