import type {
  CallOutcome,
  GatewayCall,
  JsonObject,
  JsonValue,
  RevisedTemplate,
  TemplateAuthoring,
  TemplateDescription,
  TemplateDraft,
  TemplateRevision,
} from '../../contract/index.js';
import { asId, asObject, asText, defined, graphClient } from '../graph/index.js';
import { checkDraft, checkRevision } from './check-draft.js';
import { readTemplate } from './read-template.js';

/** Templates made, changed and deleted by the API (Meta: whatsapp/templates/template-management). */
export const authoring: TemplateAuthoring = { check: checkDraft, checkRevision, create, revise, remove };

const pathOf = (group: string): string => `${encodeURIComponent(group)}/message_templates`;

async function create(
  draft: TemplateDraft,
  group: string,
  call: GatewayCall,
): Promise<CallOutcome<TemplateDescription>> {
  const json: JsonObject = defined({
    name: draft.name,
    language: draft.language,
    category: draft.category.toUpperCase(),
    parameter_format: draft.parameterFormat?.toUpperCase(),
    allow_category_change: draft.allowCategoryChange,
    message_send_ttl_seconds: draft.ttlSeconds,
    components: [...draft.components],
  });
  const answer = await graphClient(call).call({ method: 'POST', path: pathOf(group), json });
  if (answer.status !== 'ok') return answer;
  const said = asObject(answer.value);
  const id = asId(said?.['id']);
  if (id === undefined) return unconfirmed();
  const { status, category } = said ?? {};
  return read({ ...json, id, status: asText(status) ?? 'PENDING', category: asText(category) ?? json['category'] });
}

async function revise(
  template: RevisedTemplate,
  revision: TemplateRevision,
  call: GatewayCall,
): Promise<CallOutcome<TemplateDescription>> {
  const json: JsonObject = defined({
    category: revision.category?.toUpperCase(),
    components: revision.components && [...revision.components],
    message_send_ttl_seconds: revision.ttlSeconds,
  });
  const answer = await graphClient(call).call({ method: 'POST', path: encodeURIComponent(template.id), json });
  if (answer.status !== 'ok') return answer;
  if (!isConfirmed(answer.value)) return unconfirmed();
  const isReviewed = revision.components !== undefined || revision.category !== undefined;
  const said = asObject(answer.value);
  return read(
    defined({
      id: template.id,
      name: template.name,
      language: template.language,
      category: asText(said?.['category']) ?? json['category'] ?? template.category,
      // what is edited is reviewed again; how long Meta tries to deliver is nobody's to review
      status: asText(said?.['status']) ?? (isReviewed ? 'PENDING' : template.status),
      quality_score: template.quality,
      parameter_format: template.parameters.format,
      components: [...(revision.components ?? template.components)],
    }),
  );
}

async function remove(
  { name, id }: { readonly name: string; readonly id?: string },
  group: string,
  call: GatewayCall,
): Promise<CallOutcome> {
  const query = { name, ...(id !== undefined && { hsm_id: id }) };
  const answer = await graphClient(call).call({ method: 'DELETE', path: pathOf(group), query });
  if (answer.status !== 'ok') return answer;
  return isConfirmed(answer.value) ? { status: 'ok', value: undefined } : unconfirmed();
}

function read(node: JsonObject): CallOutcome<TemplateDescription> {
  const description = readTemplate(node);
  return description ? { status: 'ok', value: description } : unconfirmed();
}

/** Graph says `{"success": true}`, older versions just `true`. */
function isConfirmed(body: JsonValue): boolean {
  return body === true || asObject(body)?.['success'] === true;
}

function unconfirmed(): CallOutcome<never> {
  return { status: 'refused', remote: { code: 'http.200', message: 'Meta did not confirm it', httpStatus: 200 } };
}
