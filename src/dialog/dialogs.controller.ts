import { Body, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import { PageQuery } from '../platform/http/page.dto.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { Problem } from '../platform/problem/problem.js';
import { DialogReader } from './dialog-reader.service.js';
import { DialogAssignment, DialogChange, DialogQuery } from './dialog.dto.js';
import { MessageReader } from './message-reader.service.js';
import { parseVariables } from './parse-variables.js';

@ApiRoute('dialogs')
export class DialogsController {
  constructor(
    private readonly dialogs: DialogReader,
    private readonly messages: MessageReader,
    private readonly directory: GatewayDirectory,
    private readonly clock: Clock,
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

  @Post(':id/assign')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'An operator takes the dialog over; the bot is silent in it until it is released' })
  async assign(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() { to, until }: DialogAssignment,
  ): Promise<object> {
    const dialog = await this.dialogs.find(principal, id);
    if (to === null) await this.dialogs.release(dialog);
    else await this.dialogs.assign(dialog, to, until === undefined ? null : futureOf(until, this.clock.now()));
    return this.dialogs.view(await this.dialogs.find(principal, id));
  }

  @Post(':id/release')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'The operator lets go of the dialog; the bot answers again' })
  async release(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<object> {
    await this.dialogs.release(await this.dialogs.find(principal, id));
    return this.dialogs.view(await this.dialogs.find(principal, id));
  }
}

/** @throws Problem 400 */
function futureOf(until: string, now: Date): Date {
  const at = new Date(until);
  if (at > now) return at;
  const message = `until must lie in the future; given is ${until}. Leave it out to keep the dialog until it is released.`;
  throw new Problem(400, 'validation.failed', message, [{ path: 'until', code: 'until.past', message }]);
}
