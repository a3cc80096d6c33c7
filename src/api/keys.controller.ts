import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { KeyService, type KeyView } from '../access/key.service.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { idsOfNamed } from '../gateway/named-gateways.js';
import { PageQuery } from '../platform/http/page.dto.js';
import type { Page } from '../platform/http/page.js';
import { CreateKeyDto } from './keys.dto.js';

/** Stands here and not in `access`, because a key may name gateways, which `access` knows nothing of. */
@ApiRoute('keys')
export class KeysController {
  constructor(
    private readonly keys: KeyService,
    private readonly directory: GatewayDirectory,
  ) {}

  @Post()
  @RequirePermission('keys:write')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() { name, permissions, gateways }: CreateKeyDto,
  ): Promise<KeyView & { readonly key: string }> {
    return this.keys.create(principal, {
      name,
      permissions,
      gateways: gateways ? idsOfNamed(this.directory, principal, gateways) : null,
    });
  }

  @Get()
  @RequirePermission('keys:write')
  list(@CurrentPrincipal() principal: Principal, @Query() query: PageQuery): Promise<Page<KeyView>> {
    return this.keys.list(principal, query.limit, query.cursor);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('keys:write')
  @ApiNoContentResponse()
  delete(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.keys.delete(principal, id);
  }
}
