import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type AccountGroup,
  CONTRACT_VERSION,
  type CallOutcome,
  type Channel,
  type ChannelUpdate,
  type GatewayCall,
  type GatewayType,
  type InboundEvent,
  type JsonObject,
  type JsonValue,
  type ProviderAnswer,
  type RemoteError,
  type Settings,
  type UnhandledUpdate,
  isJsonObject,
} from 'patchbay/contract';

/**
 * A network that nobody else has: carrier pigeons with an HTTP API. What it is told is text of 280 characters, and it says when
 * a letter was delivered. Everything here is data or a pure function, but for what calls the network through `call.http`.
 */
const channel: Channel = {
  channel: 'pigeon',
  capabilities: {
    outbound: ['text'],
    text: { maxLength: 280, unit: 'code-point' },
    media: {},
    choice: [],
    template: false,
    window: null,
    receipts: ['delivered'],
    settles: 'none',
  },
  // What a refusal means. Codes that are not here behave by their HTTP class.
  outcomes: new Map([
    [
      'bird_ill',
      { code: 'account.unavailable', title: 'The bird is ill', action: 'hold', scope: 'account', delayMs: 60_000 },
    ],
    ['no_such_loft', { code: 'recipient.unreachable', title: 'Nobody lives there', action: 'fail', scope: 'message' }],
  ]),
  parse: ({ account, body }) => (account ? read(account.address, body) : []),
  outbound: {
    check: (content) => {
      if (content.type !== 'text')
        return [
          {
            path: 'content.type',
            code: 'content.unsupported',
            message: `given ${content.type}, a pigeon carries text`,
          },
        ];
      const length = [...content.text].length;
      if (length <= 280) return [];
      const message = `has ${length} characters, a pigeon carries 280`;
      return [{ path: 'content.text', code: 'content.too_long', message }];
    },
    render: ({ to, content }, { account }) => ({
      payload: { loft: account.address, to: to.userId ?? '', text: content.type === 'text' ? content.text : '' },
    }),
    send: async ({ payload }, _attempt, call) => {
      const answer = await ask(call, 'POST', '/letters', payload);
      // Whether bytes left decides: nothing is ever carried twice because an answer got lost.
      if (answer.status === 'failed') return { status: answer.sent ? 'unknown' : 'unsent', reason: answer.reason };
      const refused = refusalOf(answer);
      if (refused) return { status: 'refused', remote: refused };
      const { id } = JSON.parse(answer.text) as { id: string };
      return { status: 'accepted', providerId: id };
    },
  },
  accounts: {
    discover: async (call) => {
      const lofts = await outcomeOf<{ id: string; name: string }[]>(ask(call, 'GET', '/lofts'));
      return lofts.status === 'ok' ? { status: 'ok', value: lofts.value.map(toGroup) } : lofts;
    },
    subscribe: async (loft, call) => {
      const hooked = await outcomeOf(ask(call, 'POST', `/lofts/${loft}/hook`, { url: call.callbackUrl }));
      return hooked.status === 'ok' ? { status: 'ok', value: {} } : hooked;
    },
    unsubscribe: (loft, call) => outcomeOf(ask(call, 'DELETE', `/lofts/${loft}/hook`)),
    isGone: ({ code }) => code === 'no_such_loft',
    present: (groups) => groups.map(({ address, name, subscribed }) => ({ id: address, name, subscribed })),
  },
  dialog: { variablesFor: ({ address }) => ({ 'pigeon.loft': address }) },
};

export const pigeon: GatewayType = {
  type: 'pigeon',
  contract: CONTRACT_VERSION,
  settings: [
    { name: 'api_url', required: true, description: 'where the pigeons are, e.g. https://pigeons.example' },
    { name: 'token', required: true, secret: true, description: 'of the API' },
    { name: 'hook_secret', required: true, secret: true, description: 'with which the network signs what it posts' },
  ],
  channels: [channel],
  webhook: {
    maxBytes: 64 * 1024,
    handshake: () => undefined,
    // Over the bytes, before anything is parsed.
    verify: ({ headers, body }, { settings }) => {
      const given = headers['x-pigeon-signature'];
      if (typeof given !== 'string') return { ok: false, why: 'unsigned' };
      const right = createHmac('sha256', settings['hook_secret'] ?? '')
        .update(body)
        .digest();
      const claimed = Buffer.from(given, 'hex');
      const isRight = claimed.length === right.length && timingSafeEqual(claimed, right);
      return isRight ? { ok: true } : { ok: false, why: 'forged' };
    },
    split: (body) =>
      isJsonObject(body) && typeof body['loft'] === 'string' ? [toUpdate(body['loft'], body)] : [broken(body)],
  },
  warnings: ({ api_url: url }) =>
    url?.startsWith('http://') ? ['api_url is not https: letters can be read on their way'] : [],
  policies: () => ({ windowUnknown: 'try', pairPace: 'lenient' }),
  verifySettings: async (call) => {
    const lofts = await outcomeOf(ask(call, 'GET', '/lofts'));
    if (lofts.status === 'ok') return { status: 'ok' };
    if (lofts.status === 'unreachable') return { status: 'unreachable', reason: lofts.reason };
    return { status: 'refused', code: 'pigeon.token.invalid', detail: lofts.remote.message, key: 'token' };
  },
};

function toUpdate(loft: string, body: JsonObject): ChannelUpdate {
  return { channel: 'pigeon', account: { address: loft, group: loft }, path: '', body };
}

function broken(raw: JsonValue): UnhandledUpdate {
  return { type: 'unhandled', code: 'item.broken', detail: 'there is no loft in it', path: '', raw };
}

/** Lenient: whatever is not a letter or a receipt is kept and shown, and its neighbours are read. */
function read(address: string, body: JsonValue): InboundEvent[] {
  const events = isJsonObject(body) && Array.isArray(body['events']) ? body['events'] : [];
  return events.map((event, index): InboundEvent => {
    const path = `events[${index}]`;
    if (!isJsonObject(event) || typeof event['id'] !== 'string')
      return {
        type: 'unhandled',
        account: { address },
        code: 'item.broken',
        detail: 'no id',
        path,
        raw: event ?? null,
      };
    const about = {
      account: { address, group: address },
      providerId: event['id'],
      occurredAt: new Date(String(event['at'])),
    };
    if (event['kind'] === 'delivered') return { type: 'receipt', status: 'delivered', raw: event, ...about };
    const sender = { userId: String(event['from']), name: String(event['from']) };
    return {
      type: 'message',
      sender,
      content: { type: 'text', text: String(event['text']) },
      opensWindow: true,
      ...about,
    };
  });
}

function toGroup({ id, name }: { id: string; name: string }): AccountGroup {
  return { address: id, name, details: {}, accounts: [{ address: id, name, details: {} }] };
}

function ask(
  call: GatewayCall,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: JsonObject,
): Promise<ProviderAnswer> {
  const { api_url: url, token }: Settings = call.settings;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return call.http.request({ method, url: url + path, headers, ...(body && { body: JSON.stringify(body) }) });
}

function refusalOf(answer: Extract<ProviderAnswer, { status: 'answered' }>): RemoteError | undefined {
  if (answer.httpStatus < 300) return undefined;
  const { code = `http.${answer.httpStatus}`, message = 'refused' } = JSON.parse(
    answer.text || '{}',
  ) as Partial<RemoteError>;
  return { code, message, httpStatus: answer.httpStatus };
}

async function outcomeOf<T = void>(asked: Promise<ProviderAnswer>): Promise<CallOutcome<T>> {
  const answer = await asked;
  if (answer.status === 'failed') return { status: 'unreachable', reason: answer.reason };
  const remote = refusalOf(answer);
  return remote ? { status: 'refused', remote } : { status: 'ok', value: JSON.parse(answer.text || 'null') as T };
}
