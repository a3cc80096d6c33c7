import type {
  CallOutcome,
  GatewayCall,
  JsonObject,
  TemplateClass,
  TemplateDescription,
  TemplatesFacet,
  TemplateStanding,
} from '../../contract/index.js';
import { graphClient, isTokenRefusal, passingAsUnreachable, readAll } from '../graph/index.js';
import { authoring } from './author-template.js';
import { checkFilling } from './check-filling.js';
import { readTemplate } from './read-template.js';

/** Meta: graph-api/reference/whats-app-business-account/message_templates. */
const FIELDS = 'id,name,language,status,category,quality_score,rejected_reason,parameter_format,components';

/** One field that a version or token does not know is refused with all the others. */
const LEAST_FIELDS = 'id,name,language,status,category,components';

/** Meta shortens pages whose answers would be too large by itself. */
const PAGE = '200';

/** How templates are judged, wherever they are listed. */
export const judgement = { check: checkFilling, classOf, standingOf };

export const templates: TemplatesFacet = { list, ...judgement, authoring };

async function list(group: string, call: GatewayCall): Promise<CallOutcome<readonly TemplateDescription[]>> {
  const full = await read(group, FIELDS, call);
  const isAboutFields = full.status === 'refused' && full.remote.code === 100 && !isTokenRefusal(full.remote);
  const nodes = isAboutFields ? await read(group, LEAST_FIELDS, call) : full;
  if (nodes.status !== 'ok') return nodes;
  return { status: 'ok', value: nodes.value.flatMap((node) => readTemplate(node) ?? []) };
}

async function read(group: string, fields: string, call: GatewayCall): Promise<CallOutcome<JsonObject[]>> {
  const path = `${encodeURIComponent(group)}/message_templates`;
  return passingAsUnreachable(await readAll(graphClient(call), path, { fields, limit: PAGE }));
}

function classOf(category: string): TemplateClass {
  switch (category.toUpperCase()) {
    case 'AUTHENTICATION':
      return 'authentication';
    case 'UTILITY':
      return 'utility';
    default:
      return 'marketing';
  }
}

/** Only APPROVED sends (Meta: templates/overview), but a word that is new to us is Meta's to judge. */
const STANDINGS: ReadonlyMap<string, TemplateStanding> = new Map([
  ['PAUSED', 'paused'],
  ['LOCKED', 'paused'],
  ['PENDING', 'unusable'],
  ['REJECTED', 'unusable'],
  ['DISABLED', 'unusable'],
  ['IN_APPEAL', 'unusable'],
  ['PENDING_DELETION', 'unusable'],
  ['DELETED', 'unusable'],
  ['LIMIT_EXCEEDED', 'unusable'],
  ['ARCHIVED', 'unusable'],
]);

function standingOf(status: string): TemplateStanding {
  return STANDINGS.get(status.toUpperCase()) ?? 'usable';
}
