import type {
  Channel,
  ChannelUpdate,
  Content,
  ContentProblem,
  InboundEvent,
  OutboundMessage,
  OutboundPart,
  SendCall,
  SendOutcome,
} from '../../contract/index.js';

/** TODO: what __name__ calls a text that is too long, with the source. */
const TEXT_MAX = 1_000;

/** __name__, as people chat on it. */
export const __camel__Channel: Channel = {
  channel: '__name__',
  // docs/channels.md#capabilities
  capabilities: {
    outbound: ['text'],
    text: { maxLength: TEXT_MAX, unit: 'code-point' },
    media: {},
    choice: [],
    template: false,
    window: null,
    receipts: [],
    settles: 'none',
  },
  // TODO: what the network's errors mean (docs/channels.md#outcomes)
  outcomes: new Map(),
  parse,
  outbound: { check, render, send },
  // TODO: the senders that the token may act for (docs/channels.md#accounts)
  accounts: {
    discover: async ({ gateway }) => {
      const account = { address: gateway.id, name: gateway.uri, details: {} };
      return { status: 'ok', value: [{ ...account, accounts: [account] }] };
    },
    subscribe: async () => ({ status: 'ok', value: {} }),
    unsubscribe: async () => ({ status: 'ok', value: undefined }),
    isGone: () => false,
    present: (groups) =>
      groups.map(({ address, name, accounts }) => ({
        id: address,
        name,
        accounts: accounts.map(({ address: id, active }) => ({ id, active })),
      })),
  },
  dialog: { variablesFor: ({ address }) => ({ '__name__.account': address }) },
};

/** Pure and total (docs/channels.md#parse). */
function parse({ body, path }: ChannelUpdate): readonly InboundEvent[] {
  // TODO: what a person wrote becomes a message
  return [{ type: 'unhandled', code: 'item.broken', detail: 'nothing is read yet', path, raw: body }];
}

/** Every limit of the network that can be judged without asking it (docs/channels.md#render). */
function check(_content: Content): readonly ContentProblem[] {
  // TODO: content.unsupported for what is not in capabilities.outbound, content.too_long for what is beyond a limit
  return [];
}

/** Pure (docs/channels.md#render). */
function render({ to }: OutboundMessage): OutboundPart {
  // TODO: the body of the call that sends the content
  return { payload: { to: to.userId ?? to.phone ?? '' } };
}

/** The only effect (docs/channels.md#send). */
async function send(_part: OutboundPart, _attempt: string, _call: SendCall): Promise<SendOutcome> {
  // TODO: one call through call.http, and what it came to
  return { status: 'unsent', reason: 'sending is not written yet' };
}
