import { Get } from '@nestjs/common';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Channel, GatewayType } from '../contract/index.js';
import { GatewayTypes } from './gateway-types.js';

/** What is installed: everything a person needs to fill in `metadata`, and what each channel can show. */
@ApiRoute('gateway-types')
export class GatewayTypeController {
  constructor(private readonly types: GatewayTypes) {}

  @Get()
  @RequirePermission('gateways:read')
  list() {
    return { items: this.types.all().map(viewOf), next: null };
  }
}

function viewOf(type: GatewayType) {
  return {
    type: type.type,
    metadata: type.settings.map((key) => ({
      name: key.name,
      required: key.required ?? false,
      secret: key.secret ?? false,
      description: key.description,
      ...(key.default !== undefined && { default: key.default }),
      ...(key.values && { values: key.values }),
      ...(key.generated && { generated: true }),
    })),
    channels: type.channels.map((one) => ({
      channel: one.channel,
      capabilities: one.capabilities,
      presence: signsOf(one),
    })),
  };
}

/** What people can be shown between two messages: `POST /dialogs/:id/<sign>`. */
function signsOf({ outbound: { presence } }: Channel): readonly string[] {
  if (!presence) return [];
  return presence.markRead ? ['read', 'typing'] : ['typing'];
}
