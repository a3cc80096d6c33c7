import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type AccountAddress,
  type AccountGroup,
  CONTRACT_VERSION,
  type CallOutcome,
  type Channel,
  type GatewayCall,
  type GatewayType,
  type InboundEvent,
  type JsonObject,
  type JsonValue,
  type ProviderAnswer,
  type RemoteError,
  type SendOutcome,
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
  parse: ({ account, body, path }) => [read(account, body, path)],
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
      if (length > 0 && length <= 280) return [];
      if (length === 0) return [{ path: 'content.text', code: 'content.invalid', message: 'is empty' }];
      const message = `has ${length} characters, a pigeon carries 280`;
      return [{ path: 'content.text', code: 'content.too_long', message }];
    },
    render: ({ to, content }, { account }) => ({
      payload: { loft: account.address, to: to.userId ?? '', text: content.type === 'text' ? content.text : '' },
    }),
    send: async ({ payload }, _attempt, call): Promise<SendOutcome> => {
      const answer = await ask(call, 'POST', '/letters', payload);
      // Whether bytes left decides: nothing is ever carried twice because an answer got lost.
      if (answer.status === 'failed') {
        const { sent, reason, afterMs } = answer;
        return sent
          ? { status: 'unknown', reason }
          : { status: 'unsent', reason, ...(afterMs !== undefined && { afterMs }) };
      }
      const refused = refusalOf(answer);
      if (refused) return { status: 'refused', remote: refused };
      const said = jsonOf(answer.text);
      const id = isJsonObject(said) ? said['id'] : undefined;
      return typeof id === 'string' && id !== ''
        ? { status: 'accepted', providerId: id }
        : { status: 'unknown', reason: `HTTP ${answer.httpStatus} without an id` };
    },
  },
  accounts: {
    discover: async (call) => {
      const lofts = await outcomeOf(ask(call, 'GET', '/lofts'));
      return lofts.status === 'ok' ? { status: 'ok', value: groupsIn(lofts.value) } : lofts;
    },
    subscribe: async (loft, call) => {
      const hooked = await outcomeOf(ask(call, 'POST', `/lofts/${loft}/hook`, { url: call.callbackUrl }));
      return hooked.status === 'ok' ? { status: 'ok', value: {} } : hooked;
    },
    unsubscribe: async (loft, call) => {
      const left = await outcomeOf(ask(call, 'DELETE', `/lofts/${loft}/hook`));
      return left.status === 'ok' ? { status: 'ok', value: undefined } : left;
    },
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
      const secret = settings['hook_secret'];
      if (!secret) return { ok: false, why: 'not-configured' };
      const given = headers['x-pigeon-signature'];
      if (typeof given !== 'string' || given === '') return { ok: false, why: 'unsigned' };
      const right = Buffer.from(createHmac('sha256', secret).update(body).digest('hex'));
      const claimed = Buffer.from(given);
      const isRight = claimed.length === right.length && timingSafeEqual(claimed, right);
      return isRight ? { ok: true } : { ok: false, why: 'forged' };
    },
    // One piece for each event, so that a broken one hides no other.
    split: (body) => {
      const { loft, events } = isJsonObject(body) ? body : {};
      if (typeof loft !== 'string' || loft === '' || !Array.isArray(events))
        return [broken(body, '', 'no loft with events')];
      const account = { address: loft, group: loft };
      return events.map((event, index) => ({ channel: 'pigeon', account, path: `events[${index}]`, body: event }));
    },
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

function broken(raw: JsonValue, path: string, detail: string): UnhandledUpdate {
  return { type: 'unhandled', code: 'item.broken', detail, path, raw };
}

/** Lenient: whatever is not a letter or a receipt is kept and shown. */
function read(account: AccountAddress | undefined, event: JsonValue, path: string): InboundEvent {
  const { id, kind, from, text, at } = isJsonObject(event) ? event : {};
  const occurredAt = new Date(typeof at === 'string' ? at : NaN);
  if (!account || typeof id !== 'string' || id === '' || Number.isNaN(occurredAt.getTime()))
    return broken(event, path, 'no loft, id or time');
  const about = { account, providerId: id, occurredAt };
  if (kind === 'delivered') return { type: 'receipt', status: 'delivered', raw: event, ...about };
  if (kind !== 'letter' || typeof from !== 'string' || from === '' || typeof text !== 'string')
    return broken(event, path, 'neither a letter nor a receipt');
  return {
    type: 'message',
    sender: { userId: from, name: from },
    content: { type: 'text', text },
    opensWindow: true,
    ...about,
  };
}

function groupsIn(lofts: JsonValue): AccountGroup[] {
  return (Array.isArray(lofts) ? lofts : []).flatMap((loft) => {
    const { id, name } = isJsonObject(loft) ? loft : {};
    if (typeof id !== 'string') return [];
    const found = { address: id, name: typeof name === 'string' ? name : id, details: {} };
    return [{ ...found, accounts: [found] }];
  });
}

/** The only way out. The network may repeat what it was given: no secret comes back. */
async function ask(
  { http, settings }: GatewayCall,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: JsonObject,
): Promise<ProviderAnswer> {
  const { api_url: url, token, hook_secret: secret }: Settings = settings;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await http.request({ method, url: url + path, headers, ...(body && { body: JSON.stringify(body) }) });
  const hide = (text: string): string =>
    [token, secret].reduce<string>((said, one) => (one ? said.replaceAll(one, '••••') : said), text);
  return answer.status === 'failed'
    ? { ...answer, reason: hide(answer.reason) }
    : { ...answer, text: hide(answer.text) };
}

function refusalOf({ httpStatus, text }: Extract<ProviderAnswer, { status: 'answered' }>): RemoteError | undefined {
  // 5xx is nobody's word on a message: it may have been taken
  if (httpStatus < 300 || httpStatus >= 500) return undefined;
  const said = jsonOf(text);
  const { code, message } = isJsonObject(said) ? said : {};
  return {
    code: typeof code === 'string' && code !== '' ? code : `http.${httpStatus}`,
    message: typeof message === 'string' ? message : 'refused',
    httpStatus,
  };
}

async function outcomeOf(asked: Promise<ProviderAnswer>): Promise<CallOutcome<JsonValue>> {
  const answer = await asked;
  if (answer.status === 'failed') return { status: 'unreachable', reason: answer.reason };
  const remote = refusalOf(answer);
  if (remote) return { status: 'refused', remote };
  if (answer.httpStatus >= 500) return { status: 'unreachable', reason: `HTTP ${answer.httpStatus}` };
  return { status: 'ok', value: jsonOf(answer.text) ?? null };
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
