import { Body, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { PageQuery } from '../platform/http/page.dto.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { Problem } from '../platform/problem/problem.js';
import { DialogReader } from './dialog-reader.service.js';
import { DialogChange, DialogQuery } from './dialog.dto.js';
import { MessageReader } from './message-reader.service.js';
import { parseVariables } from './parse-variables.js';

@ApiRoute('dialogs')
export class DialogsController {
  constructor(
    private readonly dialogs: DialogReader,
    private readonly messages: MessageReader,
    private readonly directory: GatewayDirectory,
  ) {}

  @Get()
  @RequirePermission('messages:read')
  @ApiOperation({ summary: 'List dialogs, newest first' })
  async list(@CurrentPrincipal() principal: Principal, @Query() query: DialogQuery): Promise<Page<object>> {
    const gateway = query.gateway === undefined ? undefined : this.directory.byIdOrUri(query.gateway);
    if (query.gateway !== undefined && !(gateway && mayAccessGateway(principal, gateway.id)))
      return { items: [], next: null };
    const records = await this.dialogs.list({
      gatewayIds: gateway ? [gateway.id] : gatewayLimit(principal),
      before: idOfCursor(query.cursor) ?? null,
      limit: query.limit,
      isOpen: query.status === undefined ? null : query.status === 'open',
    });
    return pageOf(
      records,
      query.limit,
      ({ id }) => id,
      (record) => this.dialogs.view(record),
    );
  }

  @Get(':id')
  @RequirePermission('messages:read')
  @ApiOperation({ summary: 'A dialog with its variables and window' })
  async get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<object> {
    return this.dialogs.view(await this.dialogs.find(principal, id));
  }

  @Get(':id/messages')
  @RequirePermission('messages:read')
  @ApiOperation({ summary: 'The messages of a dialog, newest first' })
  async history(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<object>> {
    const dialog = await this.dialogs.find(principal, id);
    const { records, views } = await this.messages.page({
      gatewayIds: null,
      dialogId: dialog.id,
      before: idOfCursor(query.cursor) ?? null,
      limit: query.limit,
    });
    return {
      ...pageOf(
        records,
        query.limit,
        ({ id: position }) => position,
        () => ({}),
      ),
      items: views,
    };
  }

  @Patch(':id')
  @RequirePermission('messages:send')
  @ApiOperation({
    summary: 'Set variables (an empty value removes one), let the bot answer again, or close the dialog',
  })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: DialogChange,
  ): Promise<object> {
    const dialog = await this.dialogs.find(principal, id);
    const variables = body.variables === undefined ? undefined : parseVariables(body.variables);
    if (variables && 'errors' in variables) {
      throw new Problem(
        400,
        'validation.failed',
        variables.errors.map(({ message }) => message).join('; '),
        variables.errors,
      );
    }
    await this.dialogs.change(dialog, {
      ...(variables && { variables: variables.variables }),
      close: body.close ?? false,
      resumeBot: body.bot === 'resume',
    });
    return this.dialogs.view(await this.dialogs.find(principal, id));
  }
}
