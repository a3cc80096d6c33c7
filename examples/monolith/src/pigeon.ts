import {
  type AccountAddress,
  type AccountGroup,
  CONTRACT_VERSION,
  type Channel,
  type GatewayCall,
  type GatewayType,
  type InboundEvent,
  type JsonValue,
  type UnhandledUpdate,
} from 'patchbay/contract';
import { apiClient, asObject, asObjects, asText, outcomeTable, textProblems, verifyHmac } from 'patchbay/wire';

/** A network that nobody else has: carrier pigeons with an HTTP API. They carry so much, and say when a letter was delivered. */
const LETTER = { maxLength: 280, unit: 'code-point' } as const;

/** Data and pure functions, but for what calls the network through `api`. */
const channel: Channel = {
  channel: 'pigeon',
  capabilities: {
    outbound: ['text'],
    text: LETTER,
    media: {},
    choice: [],
    template: false,
    window: null,
    receipts: ['delivered'],
    settles: 'none',
  },
  // What a refusal means. Codes that are not here behave by their HTTP class.
  outcomes: outcomeTable([
    ['bird_ill', 'account.unavailable', 'hold', 'account', 'The bird is ill', 'Let it rest', 60_000],
    ['no_such_loft', 'recipient.unreachable', 'fail', 'message', 'Nobody lives there'],
  ]),
  parse: ({ account, body, path }) => [read(account, body, path)],
  outbound: {
    check: (content) =>
      content.type === 'text'
        ? textProblems('content.text', content.text, LETTER)
        : [{ path: 'content.type', code: 'content.unsupported', message: `${content.type} is too heavy for a pigeon` }],
    render: ({ to, content }, { account }) => ({
      payload: { loft: account.address, to: to.userId ?? '', text: content.type === 'text' ? content.text : '' },
    }),
    send: ({ payload }, _attempt, call) =>
      api(call).send({ method: 'POST', path: 'letters', json: payload }, (answer) => {
        const providerId = asText(asObject(answer)?.['id']);
        return providerId === undefined ? undefined : { providerId };
      }),
  },
  accounts: {
    discover: async (call) => {
      const lofts = await api(call).call({ path: 'lofts' });
      return lofts.status === 'ok' ? { status: 'ok', value: groupsIn(lofts.value) } : lofts;
    },
    subscribe: async (loft, call) => {
      const json = { url: call.callbackUrl };
      const hooked = await api(call).call({ method: 'POST', path: `lofts/${loft}/hook`, json });
      return hooked.status === 'ok' ? { status: 'ok', value: {} } : hooked;
    },
    unsubscribe: async (loft, call) => {
      const left = await api(call).call({ method: 'DELETE', path: `lofts/${loft}/hook` });
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
    verify: ({ headers, body }, { settings }) =>
      verifyHmac({ body, header: headers['x-pigeon-signature'], secrets: [settings['hook_secret']] }),
    // One piece for each event, so that a broken one hides no other.
    split: (body) => {
      const loft = asText(asObject(body)?.['loft']);
      const events = asObject(body)?.['events'];
      if (loft === undefined || !Array.isArray(events)) return [broken(body, '', 'no loft with events')];
      const account = { address: loft, group: loft };
      return events.map((event, index) => ({ channel: 'pigeon', account, path: `events[${index}]`, body: event }));
    },
  },
  warnings: ({ api_url: url }) =>
    url?.startsWith('http://') ? ['api_url is not https: letters can be read on their way'] : [],
  policies: () => ({ windowUnknown: 'try', pairPace: 'lenient' }),
  verifySettings: async (call) => {
    const lofts = await api(call).call({ path: 'lofts' });
    if (lofts.status !== 'refused') return lofts;
    return { status: 'refused', code: 'pigeon.token.invalid', detail: lofts.remote.message, key: 'token' };
  },
};

/** The only way out. The network may repeat what it was given: no secret comes back. */
function api({ http, settings }: GatewayCall) {
  const { api_url: base = '', token, hook_secret: secret } = settings;
  return apiClient(http, {
    base,
    headers: { authorization: `Bearer ${token}` },
    secrets: [token, secret],
    readError: (body, httpStatus) => {
      const [code, message] = [asText(asObject(body)?.['code']), asText(asObject(body)?.['message'])];
      return code === undefined ? undefined : { code, message: message ?? 'refused', httpStatus };
    },
  });
}

/** Lenient: whatever is not a letter or a receipt is kept and shown. */
function read(account: AccountAddress | undefined, event: JsonValue, path: string): InboundEvent {
  const { id, kind, from, text, at } = asObject(event) ?? {};
  const [providerId, userId, words] = [asText(id), asText(from), asText(text)];
  const occurredAt = new Date(asText(at) ?? NaN);
  if (!account || providerId === undefined || Number.isNaN(occurredAt.getTime()))
    return broken(event, path, 'no loft, id or time');
  const about = { account, providerId, occurredAt };
  if (kind === 'delivered') return { type: 'receipt', status: 'delivered', raw: event, ...about };
  if (kind !== 'letter' || userId === undefined || words === undefined)
    return broken(event, path, 'neither a letter nor a receipt');
  const content = { type: 'text', text: words } as const;
  return { type: 'message', sender: { userId, name: userId }, content, opensWindow: true, ...about };
}

function broken(raw: JsonValue, path: string, detail: string): UnhandledUpdate {
  return { type: 'unhandled', code: 'item.broken', detail, path, raw };
}

function groupsIn(lofts: JsonValue): AccountGroup[] {
  return asObjects(lofts).flatMap(({ id, name }) => {
    const address = asText(id);
    if (address === undefined) return [];
    const found = { address, name: asText(name) ?? address, details: {} };
    return [{ ...found, accounts: [found] }];
  });
}
