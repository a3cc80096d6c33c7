import {
  isJsonObject,
  type Channel,
  type ChannelUpdate,
  type InboundEvent,
  type JsonObject,
} from '../../contract/index.js';
import { textProblems } from '../wire/index.js';

/** The one account there is; a real channel asks its network for them. */
export const ACCOUNT = { address: 'loopback', group: 'loopback' };

const TEXT = { maxLength: 4096, unit: 'code-point' } as const;

/**
 * A channel without a network: what is sent is accepted at once, what is received was posted by a test. It is also the shape
 * to copy: a value without state, whose functions get all that they need as arguments.
 */
export const loopback: Channel = {
  channel: 'loopback',
  capabilities: {
    outbound: ['text'],
    text: TEXT,
    media: {},
    choice: [],
    template: false,
    window: null,
    receipts: [],
    settles: 'none',
  },
  outcomes: new Map(),
  parse,
  outbound: {
    check(content) {
      if (content.type !== 'text') {
        return [{ path: 'content.type', code: 'content.unsupported', message: 'loopback can only send text' }];
      }
      return textProblems('content.text', content.text, TEXT);
    },
    render({ to, content }) {
      const text = content.type === 'text' ? content.text : '';
      return { payload: { to: to.userId ?? to.phone ?? '', text } };
    },
    send: async (_part, attempt) => ({ status: 'accepted', providerId: `loopback.${attempt}` }),
  },
  accounts: {
    discover: async () => ({
      status: 'ok',
      value: [
        {
          address: ACCOUNT.group,
          name: 'Loopback',
          details: {},
          accounts: [{ address: ACCOUNT.address, name: 'Loopback', details: {} }],
        },
      ],
    }),
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
  dialog: { variablesFor: (account) => ({ 'loopback.account': account.address }) },
};

/** Total: an item that cannot be read becomes an unhandled one, never an exception. `at` is optional. */
function parse({ body, path }: ChannelUpdate): readonly InboundEvent[] {
  const { id, from, text, at } = isJsonObject(body) ? body : ({} as JsonObject);
  const occurredAt = new Date(typeof at === 'string' || typeof at === 'number' ? at : 0);
  const isRead = typeof id === 'string' && typeof from === 'string' && typeof text === 'string' && id && from;
  if (!isRead || Number.isNaN(occurredAt.getTime())) {
    const detail = 'a message needs id, from and text';
    return [{ type: 'unhandled', account: ACCOUNT, code: 'item.broken', detail, path, raw: body }];
  }
  return [
    {
      type: 'message',
      account: ACCOUNT,
      providerId: id,
      sender: { userId: from },
      occurredAt,
      content: { type: 'text', text },
      opensWindow: true,
    },
  ];
}
