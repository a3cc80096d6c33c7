import { reachWaba } from './graph-access.js';
import { GraphError, invalidParameter } from './graph-error.js';
import type { GraphAnswer, GraphCall } from './graph.types.js';
import { parameter } from './graph.types.js';
import { fieldsOf, viewTemplate } from './node-view.js';
import { ok } from './routes-discovery.js';
import { judgeComponents, judgeFrame, templateError, textOf } from './template-rules.js';
import type { JsonObject, SimTemplate, SimWaba } from './world.types.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CREATIONS_PER_HOUR = 100;
/** Of a WABA whose business is not verified; every language counts. */
const TEMPLATES_MAX = 250;
const TEMPLATES_MAX_VERIFIED = 6000;
/** A name cannot be used again for so long after it was deleted. */
const BLOCKED_MS = 30 * DAY;
const EDITABLE = ['APPROVED', 'REJECTED', 'PAUSED'];
const EDITS_PER_30_DAYS = 10;

interface Found {
  waba: SimWaba;
  template: SimTemplate;
}

/** `POST /{WABA}/message_templates`; the review is a matter for whoever runs the simulator. Meta: templates/template-management */
export function createTemplate(call: GraphCall, wabaId: string): GraphAnswer {
  const waba = reachWaba(call, wabaId);
  const now = call.platform.clock.nowMs();
  const body = withParsedComponents(call.request.body);
  const { name, language, category, components } = body;
  const format = textOf(body['parameter_format']).toUpperCase() || 'POSITIONAL';
  refuse(judgeFrame(body) ?? judgeComponents(components, String(category), format));
  waba.templateCreations = waba.templateCreations.filter((at) => at > now - HOUR);
  if (waba.templateCreations.length >= CREATIONS_PER_HOUR) {
    throw new GraphError({ code: 80007, details: 'More than 100 templates were created within an hour.' });
  }
  const key = `${String(name)}/${String(language)}`;
  if ((waba.blockedTemplates.get(key) ?? 0) > now) {
    throw templateError(
      2388023,
      "New content for this language can't be added while it is being deleted: try in 4 weeks.",
    );
  }
  if (waba.templates.has(key)) {
    throw templateError(2388024, 'There is already content in this language for this template.');
  }
  const most = waba.business_verification_status === 'verified' ? TEMPLATES_MAX_VERIFIED : TEMPLATES_MAX;
  if (waba.templates.size >= most) {
    throw templateError(2388019, `This account has the ${most} templates that it may have.`);
  }
  waba.templateCreations.push(now);
  const { id, status } = call.platform.world.addTemplate(wabaId, {
    name: String(name),
    language: String(language),
    category: String(category),
    status: 'PENDING',
    components: components as JsonObject[],
    extra: { parameter_format: format, ...ttlOf(body) },
  });
  return ok({ id, status, category });
}

/** `POST /{TEMPLATE_ID}`: what is edited is reviewed again. */
export function editTemplate(call: GraphCall, { waba, template }: Found): GraphAnswer {
  reachWaba(call, waba.id);
  const now = call.platform.clock.nowMs();
  const body = withParsedComponents(call.request.body);
  const { category = template.category, components = template.components } = body;
  const format = textOf(template.extra['parameter_format']) || 'POSITIONAL';
  refuse(judgeFrame({ ...template, category }) ?? judgeComponents(components, String(category), format));
  const isReviewed = body['category'] !== undefined || body['components'] !== undefined;
  if (isReviewed) {
    refuse(judgeEdit(template, now));
    template.edits.push(now);
    template.status = 'PENDING';
  }
  Object.assign(template, { category, components });
  Object.assign(template.extra, ttlOf(body));
  return ok({ success: true });
}

export function getTemplate(call: GraphCall, { waba, template }: Found): GraphAnswer {
  reachWaba(call, waba.id);
  return ok(viewTemplate(template, fieldsOf(call)));
}

/** `?name=`: every language; with `hsm_id` that one only. The names are blocked afterwards. */
export function deleteTemplates(call: GraphCall, wabaId: string): GraphAnswer {
  const waba = reachWaba(call, wabaId);
  const [name, id] = [parameter(call.request, 'name'), parameter(call.request, 'hsm_id')];
  if (name === undefined) {
    throw invalidParameter('The parameter name is required.');
  }
  const gone = [...waba.templates].filter(
    ([, template]) => template.name === name && (id ?? template.id) === template.id,
  );
  if (gone.length === 0) {
    throw templateError(2593002, 'The template was not found.');
  }
  for (const [key] of gone) {
    waba.templates.delete(key);
    waba.blockedTemplates.set(key, call.platform.clock.nowMs() + BLOCKED_MS);
  }
  return ok({ success: true });
}

function judgeEdit({ status, edits }: SimTemplate, now: number): GraphError | undefined {
  if (!EDITABLE.includes(status)) {
    return templateError(2388039, `A template that is ${status} cannot be edited.`);
  }
  const month = edits.filter((at) => at > now - 30 * DAY);
  const isTooSoon = status === 'APPROVED' && month.some((at) => at > now - DAY);
  return isTooSoon || month.length >= EDITS_PER_30_DAYS
    ? templateError(2388039, 'It was edited too often: once a day when approved, and 10 times in 30 days.')
    : undefined;
}

function ttlOf(body: JsonObject): JsonObject {
  const ttl = body['message_send_ttl_seconds'];
  return ttl === undefined ? {} : { message_send_ttl_seconds: ttl };
}

/** In a form the array comes as JSON text. */
function withParsedComponents(body: JsonObject): JsonObject {
  const { components } = body;
  if (typeof components !== 'string') {
    return body;
  }
  try {
    return { ...body, components: JSON.parse(components) as unknown };
  } catch {
    throw invalidParameter('Param components must be an array.');
  }
}

function refuse(error: GraphError | undefined): void {
  if (error !== undefined) {
    throw error;
  }
}
