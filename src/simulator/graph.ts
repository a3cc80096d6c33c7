import type { CallFault } from './fault.types.js';
import { authenticate } from './graph-access.js';
import { batchAnswer, batchParts } from './graph-batch.js';
import { GraphError } from './graph-error.js';
import { parseRequest } from './graph-request.js';
import type { RawRequest } from './graph-request.js';
import type { GraphAnswer, GraphCall, GraphRequest, RequestRecord } from './graph.types.js';
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
  ['GET owned_whatsapp_business_accounts', (call, id) => listBusinessWabas(call, id, 'owned')],
  ['GET client_whatsapp_business_accounts', (call, id) => listBusinessWabas(call, id, 'clients')],
  ['GET assigned_whatsapp_business_accounts', listAssignedWabas],
]);

/** The Graph API: a call goes through the faults, to its route, and into the records. */
export class Graph {
  constructor(private readonly platform: Platform) {}

  /** @returns undefined when the connection shall be cut without an answer. */
  async handle(raw: RawRequest): Promise<GraphAnswer | undefined> {
    let request: GraphRequest;
    try {
      request = parseRequest(raw);
    } catch (error) {
      return this.refusal(error);
    }
    return this.execute(request, false);
  }

  private async execute(request: GraphRequest, isBatchPart: boolean): Promise<GraphAnswer | undefined> {
    const { activity, answers, faults, timers } = this.platform;
    const fault = faults.forCall(request);
    const record = this.record(request, isBatchPart);
    let answer: GraphAnswer | undefined;
    if (fault.drop !== 'before') {
      answer = faultAnswer(fault, this.platform) ?? (await this.carryOut(request, fault));
      if (fault.delayMs !== undefined) {
        await timers.wait(fault.delayMs);
      }
      if (fault.withholdAnswer) {
        await answers.wait();
      }
      answer = fault.drop === 'after' ? undefined : answer;
    }
    if (record !== undefined) {
      record.status = answer?.status ?? 0;
      record.answer = answer?.body;
    }
    activity.changed();
    return answer;
  }

  private async carryOut(request: GraphRequest, fault: CallFault): Promise<GraphAnswer> {
    try {
      return await this.route(request, fault);
    } catch (error) {
      return this.refusal(error);
    }
  }

  private route(request: GraphRequest, fault: CallFault): GraphAnswer | Promise<GraphAnswer> {
    const { platform } = this;
    const [id, edge, ...rest] = request.segments;
    const isBatch = id === undefined && request.method === 'POST';
    if (isBatch) {
      return this.batch(request);
    }
    const session = authenticate(platform.world, platform.clock, request);
    const call: GraphCall = { platform, request, session, fault };
    if (id === undefined) {
      return getByIds(call);
    }
    if (edge === undefined) {
      return node(call, id);
    }
    const route = rest.length === 0 ? EDGES.get(`${request.method} ${edge}`) : undefined;
    if (route === undefined) {
      throw new GraphError({ code: 2500, message: `Unknown path components: /${[edge, ...rest].join('/')}` });
    }
    return route(call, id);
  }

  private async batch(request: GraphRequest): Promise<GraphAnswer> {
    const parts = batchParts(request);
    return batchAnswer(await Promise.all(parts.map((part) => this.execute(part, true))));
  }

  private record(request: GraphRequest, isBatchPart: boolean): RequestRecord | undefined {
    const { clock, requests } = this.platform;
    if (!requests.keeps) {
      requests.count();
      return undefined;
    }
    const { method, path, version, query, body, token } = request;
    const at = clock.nowMs();
    const record = { at, method, path, version, query, body, token, isBatchPart, status: undefined, answer: undefined };
    requests.add(record);
    return record;
  }

  /** What is not a refusal is a bug of the simulator: it must be seen, so it says so in the answer. */
  private refusal(error: unknown): GraphAnswer {
    const refusal =
      error instanceof GraphError
        ? error
        : new GraphError({
            code: 1,
            details: `bug in the simulator: ${error instanceof Error ? error.stack : String(error)}`,
          });
    return { status: refusal.status, body: refusal.body(this.platform.ids.trace()) };
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
    return getNode(call, id);
  }
  if (method === 'POST' && call.platform.world.phoneNumbers.has(id)) {
    return configurePhoneNumber(call, id);
  }
  if (method === 'DELETE') {
    return deleteMedia(call, id);
  }
  throw new GraphError({ code: 100, subcode: 33, message: `Unsupported ${method.toLowerCase()} request.` });
}

/** The answer a fault puts in place of the real one. */
function faultAnswer(fault: CallFault, platform: Platform): GraphAnswer | undefined {
  if (fault.status === undefined && fault.error === undefined && fault.bodyless === undefined) {
    return undefined;
  }
  if (fault.bodyless) {
    return { status: fault.status ?? 502, body: undefined };
  }
  const error = new GraphError(fault.error ?? { code: (fault.status ?? 500) >= 500 ? 2 : 1 }, fault.status);
  return { status: error.status, body: error.body(platform.ids.trace()) };
}
