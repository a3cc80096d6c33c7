import { Body, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../../access/api-route.decorator.js';
import { RequirePermission } from '../../access/permission.guard.js';
import type { Principal } from '../../access/principal.js';
import { CurrentPrincipal } from '../../access/request-principal.js';
import { LimitsQuery, PauseDto, ResumeDto, SeedDto } from './limits.dto.js';
import { LimitsReader } from './limits-reader.service.js';
import { LimitsView, PauseListView } from './limits.view.js';
import { PauseService } from './pause.service.js';
import { SeedService } from './seed.service.js';

@ApiRoute('limits')
export class LimitsController {
  constructor(
    private readonly reader: LimitsReader,
    private readonly seeds: SeedService,
    private readonly pauses: PauseService,
  ) {}

  @Get()
  @RequirePermission('gateways:read')
  @ApiOperation({ summary: 'Messaging limits and paces: what is in force, what is used, what waits' })
  @ApiOkResponse({ type: LimitsView })
  get(@CurrentPrincipal() principal: Principal, @Query() { gateway }: LimitsQuery): Promise<LimitsView> {
    return this.reader.view(principal, gateway);
  }

  @Put('seed')
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Tell what another system opened in the last 24 hours, in place of what was told before' })
  @ApiOkResponse({ type: LimitsView })
  seed(@CurrentPrincipal() principal: Principal, @Body() seed: SeedDto): Promise<LimitsView> {
    return this.seeds.seed(principal, seed);
  }

  @Post('pause')
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'Stop sending: everywhere, or for a gateway, an account, a class. Messages wait, held' })
  @ApiOkResponse({ type: PauseListView })
  pause(@CurrentPrincipal() principal: Principal, @Body() pause: PauseDto = {}): Promise<PauseListView> {
    return this.pauses.pause(principal, pause);
  }

  @Post('resume')
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: 'End every pause within what is named; without a body, all of them' })
  @ApiOkResponse({ type: PauseListView })
  resume(@CurrentPrincipal() principal: Principal, @Body() named: ResumeDto = {}): Promise<PauseListView> {
    return this.pauses.resume(principal, named);
  }
}
