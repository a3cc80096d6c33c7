import {
  CONTRACT_VERSION,
  type AccountCall,
  type Channel,
  type Content,
  type DeliveryPolicies,
  type GatewayType,
  type SendOutcome,
} from '../../../src/contract/index.js';
import { capabilities } from '../../../src/channels/whatsapp/capabilities.js';
import { outcomes } from '../../../src/channels/whatsapp/outcomes.js';

/** What arrives at the network: who sends it, to whom, and which of our messages it is. */
export interface OnWire {
  readonly account: string;
  readonly person: string;
  readonly token: string;
  readonly part: 'content' | 'fallback';
  readonly isTemplate: boolean;
  readonly attempt: string;
}

/** The other end of the wire, put in place anew for each run. */
export interface Wire {
  take(message: OnWire): SendOutcome;
}

/** What a run may turn: the channel itself keeps no state. */
export interface Knobs {
  wire: Wire;
  policies: DeliveryPolicies;
}

export const CHANNEL = 'whatsapp';

/** Small, so that few messages meet it; Meta's are 45 (bursts), 80 (per second) and 250 (people). */
export const PAIR = { everyMs: 6_000, burst: 3 };

export const contentOf = (token: string, part: OnWire['part'], isTemplate: boolean): Content =>
  isTemplate
    ? { type: 'template', name: `${token}/${part}`, language: 'en' }
    : { type: 'text', text: `${token}/${part}` };

/** WhatsApp's limits and outcomes without its network. */
export function channelOf(knobs: Knobs): GatewayType {
  const channel: Channel = {
    channel: CHANNEL,
    capabilities: {
      ...capabilities,
      limits: { throughput: { default: 80, countsInbound: true }, pair: PAIR, tier: { unknown: 250 } },
    },
    outcomes,
    parse: () => [],
    outbound: {
      check: () => [],
      render: ({ to, content }) => ({
        payload: {
          to: to.phone ?? '',
          text: content.type === 'template' ? content.name : textOf(content),
          type: content.type,
        },
      }),
      send: async ({ payload }, attempt, { account }: AccountCall) => {
        const { to, text, type } = payload as { to: string; text: string; type: string };
        const [token = '', part] = text.split('/');
        return knobs.wire.take({
          account: account.address,
          person: to,
          token,
          part: part === 'fallback' ? 'fallback' : 'content',
          isTemplate: type === 'template',
          attempt,
        });
      },
    },
    accounts: {
      discover: async () => ({ status: 'ok', value: [] }),
      subscribe: async () => ({ status: 'ok', value: {} }),
      unsubscribe: async () => ({ status: 'ok', value: undefined }),
      isGone: () => false,
      limits: ({ throughput }) => (typeof throughput === 'number' ? { throughput } : {}),
      present: () => [],
    },
    dialog: { variablesFor: () => ({}) },
  };
  return {
    type: 'engine',
    contract: CONTRACT_VERSION,
    settings: [],
    channels: [channel],
    webhook: {
      maxBytes: 1_024,
      handshake: () => undefined,
      verify: () => ({ ok: false, why: 'not-configured' }),
      split: () => [],
    },
    warnings: () => [],
    policies: () => knobs.policies,
    verifySettings: async () => ({ status: 'ok' }),
  };
}

function textOf(content: Content): string {
  return content.type === 'text' ? content.text : '';
}
