import { Calls } from './calls.js';
import type { CallFault } from './fault.types.js';
import { GraphError } from './graph-error.js';
import { MANAGEMENT, MESSAGING } from './graph-access.js';
import { parseRequest } from './graph-request.js';
import type { RawRequest } from './graph-request.js';
import type { GraphAnswer, GraphCall, GraphRequest } from './graph.types.js';
import { viewMedia } from './media-view.js';
import { viewPhoneNumber } from './node-view.js';
import { parseFields } from './fields.js';
import type { Platform } from './platform.js';
import { ok } from './routes-discovery.js';
import { deleteMedia, uploadMedia } from './routes-media.js';
import { postMessage } from './routes-messages.js';
import type { JsonObject, SimDialog360, SimPhoneNumber } from './world.types.js';

/** Where 360dialog's Messaging API is, below the simulator's address. */
export const DIALOG360_PATH = '/360dialog';

/** Where Meta keeps files. Its address stands in answers, also in those that come by way of 360dialog. */
const FILE_HOST = 'https://lookaside.fbsbx.com';

/** 360dialog: docs/support/api-error-message-list */
const REFUSALS: Readonly<Record<NonNullable<SimDialog360['refuses']>, readonly [status: number, message: string]>> = {
  disabled: [400, 'Your WhatsApp for Business API has been disabled'],
  rate: [400, 'You have exceeded the endpoint rate limit.'],
  unpaid: [400, 'Could not send message due to lack of payment.'],
  unavailable: [502, 'WhatsApp for Business API not available'],
};

/** A call that has shown a key. */
interface Call extends GraphCall {
  readonly served: SimDialog360;
  readonly number: SimPhoneNumber;
}

type Route = (call: Call) => GraphAnswer | Promise<GraphAnswer>;

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['POST messages', (call) => postMessage(call, call.number.id)],
  ['POST media', (call) => uploadMedia(call, call.number.id)],
  ['GET health_status', health],
  ['GET v1/configs/webhook', ({ served }) => ok(served.webhook ?? { url: '' })],
  ['POST v1/configs/webhook', setWebhook],
  ['GET v1/configs/templates', listTemplates],
  ['GET whatsapp_business/attachments', download],
]);

/**
 * The same platform by way of 360dialog: one key for each number, Meta's payloads, paths without the number, and errors of its own
 * beside Meta's (360dialog: docs/messaging-api/api-reference).
 */
export class Dialog360 {
  private readonly calls: Calls;

  constructor(private readonly platform: Platform) {
    this.calls = new Calls(platform);
  }

  /** @returns undefined when the connection shall be cut without an answer. */
  async handle(raw: RawRequest): Promise<GraphAnswer | undefined> {
    let request: GraphRequest;
    try {
      request = { ...parseRequest(raw), token: raw.apiKey };
    } catch (error) {
      return this.calls.refusal(error);
    }
    return this.calls.run(request, false, (fault) => this.route(request, fault));
  }

  private route(request: GraphRequest, fault: CallFault): GraphAnswer | Promise<GraphAnswer> {
    const { world } = this.platform;
    const served = world.dialog360.get(request.token ?? '');
    const number = served === undefined ? undefined : world.phoneNumbers.get(served.phoneNumberId);
    if (served === undefined || number === undefined) {
      return refusal(401, 'Invalid api_key');
    }
    const path = request.segments.slice(1).join('/');
    if (served.blocked.includes(`/${path}`)) {
      return refusal(403, 'The endpoint is blocked');
    }
    if (served.refuses !== undefined) {
      return refusal(...REFUSALS[served.refuses]);
    }
    const call = { platform: this.platform, request, session: sessionOf(served, number), fault, served, number };
    const route = ROUTES.get(`${request.method} ${path}`) ?? file;
    return route(call);
  }
}

/** 360dialog acts at Meta for the account of the number, and for no other. */
function sessionOf({ key }: SimDialog360, { wabaId }: SimPhoneNumber): GraphCall['session'] {
  const scopes = [MANAGEMENT, MESSAGING];
  return {
    app: {
      id: '360dialog',
      secret: key,
      name: '360dialog',
      callback: undefined,
      requireProof: false,
      redirectUris: undefined,
      deauthorizeUrl: undefined,
      consent: {},
    },
    token: {
      token: key,
      appId: '360dialog',
      userId: '',
      type: 'SYSTEM_USER',
      scopes,
      granularScopes: scopes.map((scope) => ({ scope, target_ids: [wabaId] })),
      valid: true,
      expiresAt: 0,
    },
    credential: key,
  };
}

function refusal(status: number, message: string): GraphAnswer {
  return { status, body: { meta: { http_code: status, success: false, developer_message: message } } };
}

/** Health first, other fields of the number where they are asked for. 360dialog: docs/messaging-api/api-reference/health */
function health(call: Call): GraphAnswer {
  const { number, platform, request } = call;
  const waba = platform.world.waba(number.wabaId);
  const state = number.status === 'CONNECTED' ? 'AVAILABLE' : 'BLOCKED';
  const entities = [
    { entity_type: 'PHONE_NUMBER', id: number.id, can_send_message: state },
    { entity_type: 'WABA', id: waba.id, can_send_message: 'AVAILABLE' },
    ...(waba.owner_business_info === undefined
      ? []
      : [{ entity_type: 'BUSINESS', id: waba.owner_business_info.id, can_send_message: 'AVAILABLE' }]),
    { entity_type: 'APP', id: '360', can_send_message: 'AVAILABLE' },
  ];
  const fields = request.query['fields'];
  const more = fields === undefined ? {} : viewPhoneNumber(call, number, parseFields(fields));
  return ok({ ...more, health_status: { can_send_message: state, entities }, id: number.id });
}

function setWebhook({ request, served }: Call): GraphAnswer {
  const { url, headers } = request.body;
  if (typeof url !== 'string' || !URL.canParse(url)) {
    return refusal(400, 'url is not a valid URL');
  }
  served.webhook = { url, headers: Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k, String(v)])) };
  return ok({ ...served.webhook });
}

/** By offset, and with statuses in lower case, unlike Meta's. */
function listTemplates({ number, platform, request }: Call): GraphAnswer {
  const all = [...platform.world.waba(number.wabaId).templates.values()];
  const offset = Number(request.query['offset'] ?? 0);
  const limit = Number(request.query['limit'] ?? 1000);
  const page = all.slice(offset, offset + limit).map(({ id, name, language, status, category, components }) => ({
    ...{ id, name, language, category, components, status: status.toLowerCase(), rejected_reason: 'NONE' },
  }));
  return ok({ waba_templates: page, count: page.length, total: all.length, limit, offset });
}

/** `/{media id}`: the address that is named is Meta's, where the key is of no use. */
function file(call: Call): GraphAnswer {
  const { number, platform, request } = call;
  const id = request.segments[1] ?? '';
  const stored = request.segments.length === 2 ? platform.media.get(id) : undefined;
  if (stored === undefined || (stored.phoneNumberId !== undefined && stored.phoneNumberId !== number.id)) {
    throw new GraphError({ code: 100, subcode: 33, message: `Unsupported ${request.method.toLowerCase()} request.` });
  }
  if (request.method === 'DELETE') {
    return deleteMedia(call, id);
  }
  const view: JsonObject = viewMedia(call, stored);
  return ok({ ...view, url: `${FILE_HOST}${platform.media.addressOf(id).replace(/^\/_media/, '')}` });
}

/** What stands at Meta's file host, at the same path here. */
function download({ number, platform, request }: Call): GraphAnswer {
  const stored = platform.media.at(new URLSearchParams(request.query));
  const isTheirs = stored?.phoneNumberId !== undefined && stored.phoneNumberId !== number.id;
  if (stored === undefined || isTheirs) {
    return refusal(404, 'Not found');
  }
  return { status: 200, body: stored.bytes, contentType: stored.mimeType };
}
