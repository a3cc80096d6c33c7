import { type Channel, CONTRACT_VERSION, deliveryPolicies, type GatewayType } from '../../contract/index.js';
import { accounts } from './accounts.js';
import { capabilities } from './capabilities.js';
import { check } from './check.js';
import { closed } from './close.js';
import { outcomes } from './outcomes.js';
import { parse } from './parse.js';
import { presence } from './presence.js';
import { render, send } from './send.js';
import { settingKeys, warnings } from './settings.js';
import { MAX_BYTES, split, verify } from './webhook.js';

export interface CustomOptions {
  /** signatures carry the time, and are refused when it is too far from this. @default the system's clock */
  readonly now?: () => Date;
}

/** Any system that speaks HTTP, by signed envelopes in both directions (docs/custom-channel.md). */
export function custom({ now = () => new Date() }: CustomOptions = {}): GatewayType {
  const channel: Channel = {
    channel: 'custom',
    capabilities,
    outcomes,
    parse,
    outbound: {
      check,
      render,
      send: (part, attempt, call) => send(part, attempt, call, now()),
      presence: presence(now),
    },
    accounts,
    dialog: {
      variablesFor: ({ address }) => ({ 'custom.account': address }),
      closed: (end, call) => closed(end, call, now()),
    },
  };
  return {
    type: 'custom',
    contract: CONTRACT_VERSION,
    settings: settingKeys,
    channels: [channel],
    webhook: {
      maxBytes: MAX_BYTES,
      handshake: () => undefined,
      verify: (request, context) => verify(request, context, now()),
      split,
    },
    warnings,
    policies: deliveryPolicies,
    verifySettings: async () => ({ status: 'ok' }),
  };
}
