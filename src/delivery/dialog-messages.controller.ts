import { Body, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { DialogReader } from '../dialog/dialog-reader.service.js';
import { DialogMessageBody } from './accept/message.dto.js';
import { SendMessageService } from './accept/send-message.service.js';

@ApiRoute('dialogs')
export class DialogMessagesController {
  constructor(
    private readonly dialogs: DialogReader,
    private readonly sending: SendMessageService,
  ) {}

  @Post(':id/messages')
  @HttpCode(202)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'Send a message in a dialog, from the number that the customer wrote to' })
  async send(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: DialogMessageBody,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
  ): Promise<object> {
    return this.sending.sendInDialog(principal, await this.dialogs.find(principal, id), body, idempotencyKey);
  }
}
