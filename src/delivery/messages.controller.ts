import { Body, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { MessageReader } from '../dialog/message-reader.service.js';
import type { MessageRecord } from '../dialog/message-record.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { isId } from '../platform/ids/ids.js';
import { Problem } from '../platform/problem/problem.js';
import { MessageBody, MessageQuery } from './accept/message.dto.js';
import { SendMessageService } from './accept/send-message.service.js';
import { ExplainService } from './explain/explain.service.js';
import { Explanation } from './explain/explanation.js';
import { WithdrawService } from './withdraw.service.js';

@ApiRoute('messages')
export class MessagesController {
  constructor(
    private readonly sending: SendMessageService,
    private readonly withdrawing: WithdrawService,
    private readonly explaining: ExplainService,
    private readonly reader: MessageReader,
    private readonly directory: GatewayDirectory,
  ) {}

  @Post()
  @HttpCode(202)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'Send a message' })
  async send(
    @CurrentPrincipal() principal: Principal,
    @Body() body: MessageBody,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
  ): Promise<object> {
    return this.sending.send(principal, body, idempotencyKey);
  }

  @Post('explain')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'What would happen to a message, and why; nothing is sent' })
  @ApiOkResponse({ type: Explanation })
  async explain(@CurrentPrincipal() principal: Principal, @Body() body: MessageBody): Promise<Explanation> {
    return this.explaining.explain(principal, body);
  }

  @Get()
  @RequirePermission('messages:read')
  @ApiOperation({ summary: 'List messages, newest first' })
  async list(@CurrentPrincipal() principal: Principal, @Query() query: MessageQuery): Promise<Page<object>> {
    const gateway = query.gateway === undefined ? undefined : this.directory.byIdOrUri(query.gateway);
    const isVisible = gateway && mayAccessGateway(principal, gateway.id);
    if (query.gateway !== undefined && !isVisible) return { items: [], next: null };
    if (query.dialog !== undefined && !isId(query.dialog)) return { items: [], next: null };
    const { records, views } = await this.reader.page({
      gatewayIds: gateway ? [gateway.id] : gatewayLimit(principal),
      before: idOfCursor(query.cursor) ?? null,
      limit: query.limit,
      ...(query.status !== undefined && { status: query.status }),
      ...(query.dialog !== undefined && { dialogId: query.dialog }),
      ...(query.providerId !== undefined && { providerId: query.providerId }),
      ...(query.to !== undefined && { phone: query.to.replace(/^[+ ]/, '') }),
      ...(query.since !== undefined && { since: new Date(query.since) }),
    });
    return {
      ...pageOf(
        records,
        query.limit,
        ({ id }) => id,
        () => ({}),
      ),
      items: views,
    };
  }

  @Get(':id')
  @RequirePermission('messages:read')
  @ApiOperation({ summary: 'A message with its timeline, attempts, and what holds it' })
  async get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<object> {
    await this.find(principal, id);
    return (await this.reader.one(id)) ?? {};
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'Cancel a message that is not on the wire yet' })
  async cancel(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<object> {
    const record = await this.find(principal, id);
    if (
      record.status !== 'cancelled' &&
      !(await this.withdrawing.withdraw([{ messageId: id, status: 'cancelled', error: null }])).has(id)
    ) {
      const { status } = (await this.reader.one(id)) as { status: string };
      throw new Problem(
        409,
        'message.not_cancellable',
        `The message is ${status}: it may have left already, so it cannot be cancelled.`,
      );
    }
    return (await this.reader.one(id)) ?? {};
  }

  private async find(principal: Principal, id: string): Promise<MessageRecord> {
    const record = await this.reader.record(id);
    if (record && mayAccessGateway(principal, record.gatewayId)) return record;
    throw new Problem(404, 'message.not_found', 'There is no such message.');
  }
}
