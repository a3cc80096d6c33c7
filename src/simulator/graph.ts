import { Calls } from './calls.js';
import type { CallFault } from './fault.types.js';
import { authenticate } from './graph-access.js';
import { batchAnswer, batchParts } from './graph-batch.js';
import { GraphError } from './graph-error.js';
import { parseRequest } from './graph-request.js';
import type { RawRequest } from './graph-request.js';
import type { GraphAnswer, GraphCall, GraphRequest } from './graph.types.js';
import * as pages from './pages/routes.js';
import type { Platform } from './platform.js';
import {
  debugToken,
  getByIds,
  getNode,
  listAssignedWabas,
  listBusinesses,
  listBusinessWabas,
  listWabaEdge,
} from './routes-discovery.js';
import { deleteMedia, uploadMedia } from './routes-media.js';
import { createTemplate, deleteTemplates, editTemplate, getTemplate } from './routes-templates.js';
import { postMessage } from './routes-messages.js';
import { getProfile, setProfile } from './routes-profile.js';
import { deregister, register, requestCode, verifyCode } from './routes-registration.js';
import {
  configurePhoneNumber,
  createSubscription,
  deleteSubscription,
  getSubscribedApps,
  listSubscriptions,
  subscribeApp,
  unsubscribeApp,
} from './routes-subscriptions.js';

type Route = (call: GraphCall, id: string) => GraphAnswer | Promise<GraphAnswer>;

/** `METHOD edge` of the paths `/{id}/{edge}`. */
const EDGES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['POST messages', postMessage],
  ['POST marketing_messages', postMessage],
  ['POST media', uploadMedia],
  ['GET whatsapp_business_profile', getProfile],
  ['POST whatsapp_business_profile', setProfile],
  ['POST request_code', requestCode],
  ['POST verify_code', verifyCode],
  ['POST register', register],
  ['POST deregister', deregister],
  ['GET phone_numbers', (call, id) => listWabaEdge(call, id, 'phone_numbers')],
  ['GET message_templates', (call, id) => listWabaEdge(call, id, 'message_templates')],
  ['POST message_templates', createTemplate],
  ['DELETE message_templates', deleteTemplates],
  ['GET subscribed_apps', getSubscribedApps],
  ['POST subscribed_apps', subscribeApp],
  ['DELETE subscribed_apps', unsubscribeApp],
  ['GET subscriptions', listSubscriptions],
  ['POST subscriptions', createSubscription],
  ['DELETE subscriptions', deleteSubscription],
  ['GET businesses', listBusinesses],
  ['GET accounts', pages.listAccounts],
  ['GET owned_pages', (call, id) => pages.listBusinessPages(call, id, 'owned')],
  ['GET client_pages', (call, id) => pages.listBusinessPages(call, id, 'client')],
  ['GET owned_whatsapp_business_accounts', (call, id) => listBusinessWabas(call, id, 'owned')],
  ['GET client_whatsapp_business_accounts', (call, id) => listBusinessWabas(call, id, 'clients')],
  ['GET assigned_whatsapp_business_accounts', listAssignedWabas],
]);

/** The same for what a page has of its own. */
const PAGE_EDGES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['POST messages', pages.postMessage],
  ['POST message_attachments', pages.uploadAttachment],
  ['GET subscribed_apps', pages.getSubscribedApps],
  ['POST subscribed_apps', pages.subscribeApp],
  ['DELETE subscribed_apps', pages.unsubscribeApp],
]);

/** The Graph API: a call goes through the faults, to its route, and into the records. */
export class Graph {
  private readonly calls: Calls;

  constructor(private readonly platform: Platform) {
    this.calls = new Calls(platform);
  }

  /** @returns undefined when the connection shall be cut without an answer. */
  async handle(raw: RawRequest): Promise<GraphAnswer | undefined> {
    let request: GraphRequest;
    try {
      request = parseRequest(raw);
    } catch (error) {
      return this.calls.refusal(error);
    }
    return this.execute(request, false);
  }

  private execute(request: GraphRequest, isBatchPart: boolean): Promise<GraphAnswer | undefined> {
    return this.calls.run(request, isBatchPart, (fault) => this.route(request, fault));
  }

  private route(request: GraphRequest, fault: CallFault): GraphAnswer | Promise<GraphAnswer> {
    const { platform } = this;
    const [id, edge, ...rest] = request.segments;
    const isBatch = id === undefined && request.method === 'POST';
    if (isBatch) {
      return this.batch(request);
    }
    if (id === 'oauth' && edge === 'access_token' && rest.length === 0) {
      return platform.logins.exchange(request);
    }
    const session = authenticate(platform.world, platform.clock, request);
    const call: GraphCall = { platform, request, session, fault };
    if (id === undefined) {
      return getByIds(call);
    }
    if (edge === undefined) {
      return node(call, id);
    }
    const edges = platform.pages.pages.has(id) ? PAGE_EDGES : EDGES;
    const route = rest.length === 0 ? edges.get(`${request.method} ${edge}`) : undefined;
    if (route === undefined) {
      throw new GraphError({ code: 2500, message: `Unknown path components: /${[edge, ...rest].join('/')}` });
    }
    return route(call, id);
  }

  private async batch(request: GraphRequest): Promise<GraphAnswer> {
    const parts = batchParts(request);
    return batchAnswer(await Promise.all(parts.map((part) => this.execute(part, true))));
  }
}

function node(call: GraphCall, id: string): GraphAnswer | Promise<GraphAnswer> {
  const { method } = call.request;
  if (id === 'debug_token') {
    return debugToken(call);
  }
  const template = call.platform.world.template(id);
  if (template !== undefined && method !== 'DELETE') {
    return (method === 'POST' ? editTemplate : getTemplate)(call, template);
  }
  if (method === 'GET') {
    return pages.viewPerson(call, id) ?? getNode(call, id);
  }
  if (method === 'POST' && call.platform.world.phoneNumbers.has(id)) {
    return configurePhoneNumber(call, id);
  }
  if (method === 'DELETE') {
    return deleteMedia(call, id);
  }
  throw new GraphError({ code: 100, subcode: 33, message: `Unsupported ${method.toLowerCase()} request.` });
}
