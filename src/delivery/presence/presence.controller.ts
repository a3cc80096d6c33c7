import { HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { ApiRoute } from '../../access/api-route.decorator.js';
import { RequirePermission } from '../../access/permission.guard.js';
import type { Principal } from '../../access/principal.js';
import { CurrentPrincipal } from '../../access/request-principal.js';
import { DialogReader } from '../../dialog/dialog-reader.service.js';
import { PresenceService, type Sign } from './presence.service.js';

/** The message that it was shown for. */
export class PresenceView {
  @ApiProperty({ type: Object, description: 'the person’s last message: {id, providerId}' })
  message!: { readonly id: string; readonly providerId: string };
}

@ApiRoute('dialogs')
export class PresenceController {
  constructor(
    private readonly dialogs: DialogReader,
    private readonly presence: PresenceService,
  ) {}

  @Post(':id/read')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({
    summary: 'Mark what the person wrote as read, up to their last message',
    description: '422 presence.unsupported where the network has no such mark.',
  })
  @ApiOkResponse({ type: PresenceView })
  read(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<PresenceView> {
    return this.show('read', principal, id);
  }

  @Post(':id/typing')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'Show the person for a short while that an answer is being written' })
  @ApiOkResponse({ type: PresenceView })
  typing(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<PresenceView> {
    return this.show('typing', principal, id);
  }

  private async show(sign: Sign, principal: Principal, id: string): Promise<PresenceView> {
    const message = await this.presence.show(sign, await this.dialogs.find(principal, id));
    return { message: { id: message.id, providerId: message.providerId } };
  }
}
