import type { Echo, Handover } from './conversations.js';
import type { CustomerMessage, CustomerProfile } from './customers.js';
import type { Deauthorization } from './deauthorize.js';
import type { FaultInput } from './fault.types.js';
import type { ForeignCampaign } from './foreign.js';
import type { RawRequest } from './graph-request.js';
import type { HttpReply } from './http-connection.js';
import type { MediaOptions } from './media.js';
import type { LimitSettings } from './limits.types.js';
import { MESSAGE_SAMPLES } from './samples.js';
import type { PageInput } from './pages/types.js';
import type { Simulator } from './simulator.js';
import type { TemplateReview } from './template-reviews.js';
import type { WindowMode } from './windows.js';
import type { JsonObject, WorldInput } from './world.types.js';

interface ControlCall {
  sim: Simulator;
  /** What stands for `*` in the path of the route. */
  argument: string;
  query: URLSearchParams;
  body: JsonObject;
}

type ControlRoute = (call: ControlCall) => unknown;

/** What tests do in-process, over HTTP, for suites in any language. Answers are JSON; a mistake is 400 with a sentence. */
const ROUTES: ReadonlyMap<string, ControlRoute> = new Map<string, ControlRoute>([
  ['GET /', ({ sim }) => ({ url: sim.url, seed: sim.seed, window: sim.window, counts: sim.counts })],
  ['POST /customers/*/messages', writeAsCustomer],
  ['POST /customers/*/number', changeCustomer],
  ['POST /customers/*/echo', echoTo],
  ['POST /customers/*/handover', handoverOf],
  ['GET /customers/*/received', received],
  ['GET /sent', ({ sim }) => sim.sent],
  ['GET /reads', ({ sim }) => sim.reads],
  ['GET /requests', ({ sim }) => sim.requests],
  ['GET /webhooks', ({ sim }) => sim.webhooks],
  ['GET /faults', ({ sim }) => sim.faults.list()],
  ['POST /faults', addFaults],
  ['DELETE /faults', ({ sim }) => (sim.faults.clear(), { success: true })],
  ['GET /world', ({ sim }) => plain(sim.world)],
  ['POST /world', changeWorld],
  ['POST /statuses', emitStatus],
  ['POST /statuses/release', ({ sim }) => ({ released: sim.releaseStatuses() })],
  ['POST /emit', emit],
  ['POST /templates', review],
  ['POST /pacing', decidePacing],
  ['POST /deauthorize', deauthorize],
  ['POST /pages', ({ sim, body }) => plain(sim.pages.add(body as unknown as PageInput))],
  ['POST /pages/*/messages', writeToPage],
  ['GET /pages/*/sent', ({ sim, argument }) => sim.pages.sent.filter(({ account }) => account === argument)],
  ['POST /media', addMedia],
  ['DELETE /media/*', ({ sim, argument }) => ({ success: sim.forgetMedia(argument) })],
  ['POST /clock', advance],
  ['GET /limits', ({ sim }) => sim.limits.report()],
  ['POST /limits', setLimits],
  ['POST /foreign', foreign],
  ['POST /numbers/*', ({ sim, argument, body }) => plain(sim.changeNumber(argument, body))],
  ['POST /window', setWindow],
  ['GET /idle', waitForIdle],
  ['POST /reset', ({ sim }) => (sim.reset(), { success: true })],
]);

/** Paths with something of its own in the second place. */
const WITH_ARGUMENT: ReadonlySet<string> = new Set(['customers', 'numbers', 'media', 'pages']);

/** The HTTP face of the simulator's own controls, under `/_sim`. */
export class Control {
  constructor(private readonly sim: Simulator) {}

  async handle(request: RawRequest): Promise<HttpReply> {
    const url = new URL(request.url, 'http://localhost');
    const segments = url.pathname.split('/').slice(2).map(decodeURIComponent);
    const hasArgument = WITH_ARGUMENT.has(segments[0] ?? '') && segments.length > 1;
    const pattern = hasArgument ? [segments[0], '*', ...segments.slice(2)] : segments;
    const route = ROUTES.get(`${request.method} /${pattern.join('/')}`);
    if (route === undefined) {
      return { status: 404, body: { error: `no such control; there are: ${[...ROUTES.keys()].join(', ')}` } };
    }
    try {
      const argument = hasArgument ? (segments[1] ?? '') : '';
      const body = request.body.length === 0 ? {} : (JSON.parse(request.body.toString('utf8')) as JsonObject);
      return { status: 200, body: await route({ sim: this.sim, argument, query: url.searchParams, body }) };
    } catch (error) {
      return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
    }
  }
}

/**
 * `{number?, message | sample, customer?, field?}`: a text as string, the inbound object, or the name of an example; without a
 * number, the first of the world; `field` is `standby` for a conversation that another responder owns.
 */
function writeAsCustomer({ sim, argument, body }: ControlCall): unknown {
  const { number, customer, field, sample, message = MESSAGE_SAMPLES[String(sample)] } = body;
  const [first] = sim.world.phoneNumbers.keys();
  const phoneNumberId = typeof number === 'string' ? number : first;
  if (message === undefined || phoneNumberId === undefined) {
    throw new Error('give {"number": "<phone number id>", "message": "text" or {"type": …}}');
  }
  const writer = sim.customer(argument, (customer ?? {}) as CustomerProfile);
  return {
    id: writer.write(phoneNumberId, message as CustomerMessage | string, field === 'standby' ? field : 'messages'),
  };
}

/** `{person?, message}`: to a page or an Instagram account, by a person of that id, or a new one. */
function writeToPage({ sim, argument, body }: ControlCall): unknown {
  const { person, message } = body;
  if (sim.pages.pageOf(argument) === undefined || message === undefined) {
    throw new Error('give {"message": "text" or {"text": …}} for a page, or an Instagram account, that there is');
  }
  const writer = sim.pages.person(argument, typeof person === 'string' ? { id: person } : {});
  return { person: writer.id, mid: writer.write(message as string | JsonObject) };
}

/** `{number?, phone?, userId?}`: the customer's new names. */
function changeCustomer({ sim, argument, body }: ControlCall): unknown {
  const { number, ...next } = body as { number?: string; phone?: string; userId?: string };
  const [first] = sim.world.phoneNumbers.keys();
  return { id: sim.customer(argument).changeNumber(number ?? first ?? '', next) };
}

/** `{message, number?, by?}`: somebody else writes to the customer. */
function echoTo({ sim, argument, body }: ControlCall): unknown {
  const { message, ...options } = body as unknown as { message: CustomerMessage | string } & Echo;
  return { id: sim.echo(sim.customer(argument), message, options) };
}

/** `{type, number?, previousOwner?, newOwner?, metadata?, summary?}`. */
function handoverOf({ sim, argument, body }: ControlCall): unknown {
  sim.handover(sim.customer(argument), body as unknown as Handover);
  return { success: true };
}

/** `?count=&waitMs=`: answers when so many have come, or after the time with what there is. */
async function received({ sim, argument, query }: ControlCall): Promise<unknown> {
  const customer = sim.customer(argument);
  const [count, waitMs] = [Number(query.get('count') ?? 1), Number(query.get('waitMs') ?? 0)];
  if (waitMs > 0) {
    await sim.until(() => customer.received.length >= count, waitMs).catch(() => undefined);
  }
  return customer.received;
}

/** One fault or a list of them. */
function addFaults({ sim, body }: ControlCall): unknown {
  return [body as unknown as FaultInput | FaultInput[]].flat().map((fault) => sim.faults.add(fault));
}

function changeWorld({ sim, body }: ControlCall): unknown {
  sim.world.merge(body as WorldInput);
  return plain(sim.world);
}

function emitStatus({ sim, body }: ControlCall): unknown {
  sim.emitStatus(
    String(body['id']),
    body['status'] as Parameters<Simulator['emitStatus']>[1],
    body['error'] as Parameters<Simulator['emitStatus']>[2],
  );
  return { success: true };
}

function emit({ sim, body }: ControlCall): unknown {
  if (typeof body['field'] !== 'string' || typeof body['waba'] !== 'string') {
    throw new Error(
      'give {"field": "…", "waba": "<id>", "value": {…}}, or "sample": true for the example of the field',
    );
  }
  if (body['sample'] === true) {
    sim.emitSample(body['field'], body['waba'], (body['value'] ?? {}) as JsonObject);
    return { success: true };
  }
  sim.emit(body['field'], body['waba'], (body['value'] ?? {}) as JsonObject);
  return { success: true };
}

function review({ sim, body }: ControlCall): unknown {
  if (typeof body['name'] !== 'string' || typeof body['event'] !== 'string') {
    throw new Error(
      'give {"name": "…", "language": "en_US", "event": "APPROVED" | "REJECTED" | "PAUSED" | …, "reason": "…"}',
    );
  }
  sim.reviewTemplate(body as unknown as TemplateReview);
  return { success: true };
}

function decidePacing({ sim, body }: ControlCall): unknown {
  const { name, verdict } = body;
  if (typeof name !== 'string' || (verdict !== 'good' && verdict !== 'bad')) {
    throw new Error('give {"name": "…", "verdict": "good" | "bad"}');
  }
  sim.decidePacing(name, verdict);
  return { success: true };
}

/** `{user, appId?, target?}`: the person removes the app. */
function deauthorize({ sim, body }: ControlCall): Promise<unknown> {
  const { user, ...given } = body;
  if (typeof user !== 'string') throw new Error('give {"user": "<id>", "target": "<callback of the app>"}');
  return sim.deauthorize(user, given as Deauthorization);
}

/** Answers with what a message object says of the file: `reference` belongs under `image`, `audio`, … */
function addMedia({ sim, body }: ControlCall): unknown {
  const { base64, mimeType, ...options } = body;
  if (typeof base64 !== 'string' || typeof mimeType !== 'string') {
    throw new Error('give {"base64": "…", "mimeType": "image/png", "corruptTimes": 0, "redirect": "…"}');
  }
  const { id, url, reference } = sim.addMedia(Buffer.from(base64, 'base64'), mimeType, options as MediaOptions);
  return { id, url, reference };
}

function setLimits({ sim, body }: ControlCall): unknown {
  const { mode = sim.limits.settings.mode } = body;
  if (mode !== 'judge' && mode !== 'enforce') {
    throw new Error(
      'give {"mode": "judge" | "enforce", "burst": 50, "pair": "lenient" | "strict", "tier": "fail" | "refuse"}',
    );
  }
  return Object.assign(sim.limits.settings, body as Partial<LimitSettings>);
}

function foreign({ sim, body }: ControlCall): unknown {
  if (typeof body['to'] !== 'string') {
    throw new Error('give {"number": "…", "to": "<first phone>", "category": "marketing", "count": 1}');
  }
  sim.foreign(body as unknown as ForeignCampaign);
  return { success: true };
}

function advance({ sim, body }: ControlCall): unknown {
  if (typeof body['advanceMs'] !== 'number') {
    throw new Error('give {"advanceMs": <number>}');
  }
  sim.advance(body['advanceMs']);
  return { success: true };
}

function setWindow({ sim, body }: ControlCall): unknown {
  const mode = body['mode'];
  if (mode !== 'strict' && mode !== 'late' && mode !== 'open') {
    throw new Error('give {"mode": "strict" | "late" | "open"}');
  }
  sim.window = mode satisfies WindowMode;
  return { success: true };
}

async function waitForIdle({ sim, query }: ControlCall): Promise<unknown> {
  await sim.idle(Number(query.get('timeoutMs') ?? 10_000));
  return { success: true };
}

/** Maps and sets as JSON can hold them. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      inner instanceof Map || inner instanceof Set ? [...inner.values()] : inner,
    ),
  );
}
