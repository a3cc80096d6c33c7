import { CONTRACT_VERSION, deliveryPolicies, deliverySettings, type GatewayType } from '../../contract/index.js';
import { __camel__Channel } from './channel.js';
import { MAX_BYTES, split, verify } from './webhook.js';

/** What a person configures to reach __name__ (docs/channels.md#gateway-type). */
export const __camel__: GatewayType = {
  type: '__name__',
  contract: CONTRACT_VERSION,
  settings: [
    { name: 'token', required: true, secret: true, description: 'What __name__ lets us in by.' },
    {
      name: 'webhook_secret',
      secret: true,
      generated: true,
      description: 'What __name__ proves its webhooks with. Generated when it is not given.',
    },
    ...deliverySettings('pace'),
  ],
  channels: [__camel__Channel],
  // TODO: when the network asks for a proof of ownership, answer it in handshake
  webhook: { maxBytes: MAX_BYTES, handshake: () => undefined, verify, split },
  warnings: () => [],
  policies: deliveryPolicies,
  // TODO: ask the network whether the token works
  verifySettings: async () => ({ status: 'ok' }),
};
