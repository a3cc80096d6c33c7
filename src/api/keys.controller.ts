import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { KeyService, type KeyView } from '../access/key.service.js';
import { RequirePermission } from '../access/permission.guard.js';
import { type Principal, mayAccessGateway } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { PageQuery } from '../platform/http/page.dto.js';
import type { Page } from '../platform/http/page.js';
import { type FieldError, Problem } from '../platform/problem/problem.js';
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
      gateways: gateways ? this.idsOf(principal, gateways) : null,
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

  private idsOf(principal: Principal, wanted: readonly string[]): readonly string[] {
    const found = wanted.map((idOrUri) => this.directory.byIdOrUri(idOrUri));
    const errors = found.flatMap((gateway, index): FieldError[] => {
      if (gateway && mayAccessGateway(principal, gateway.id)) return [];
      return [{ path: `gateways[${index}]`, code: 'gateway.unknown', message: 'is not the id or uri of a gateway' }];
    });
    if (errors.length > 0) {
      throw new Problem(422, 'gateway.unknown', 'Not all of these gateways exist.', errors.slice(0, 50));
    }
    return found.flatMap((gateway) => gateway?.id ?? []);
  }
}
