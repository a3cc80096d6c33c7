import type {
  CallOutcome,
  GatewayCall,
  JsonObject,
  TemplateDescription,
  TemplatesFacet,
} from '../../contract/index.js';
import { asNumber, asObject, asObjects, asText, passingAsUnreachable } from '../graph/index.js';
import { judgement, readTemplate } from '../whatsapp/index.js';
import { dialog360Client } from './transport.js';

const PATH = 'v1/configs/templates';
const PAGE = 500;

/** Lists end long before this; one that does not is a server gone wrong. */
const MAX_PAGES = 200;

/**
 * Templates as 360dialog lists them: by offset, in `waba_templates`, with Meta's definitions. They are made in its Hub, or at
 * Meta: how they are made by the API is not described well enough to rely on.
 */
export const templates: TemplatesFacet = { list, ...judgement };

async function list(_group: string, call: GatewayCall): Promise<CallOutcome<readonly TemplateDescription[]>> {
  const client = dialog360Client(call);
  const nodes: JsonObject[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { limit: String(PAGE), offset: String(nodes.length) };
    const read = passingAsUnreachable(await client.call({ path: PATH, query }));
    if (read.status !== 'ok') return read;
    const body = asObject(read.value);
    const items = asObjects(body?.['waba_templates']);
    nodes.push(...items);
    const total = asNumber(body?.['total']) ?? nodes.length;
    if (items.length === 0 || nodes.length >= total) {
      return { status: 'ok', value: nodes.flatMap((node) => readTemplate(inMetasWords(node)) ?? []) };
    }
  }
  return { status: 'unreachable', reason: 'the list of templates does not end' };
}

/** What Meta prints in capitals; its news of templates must meet the same words. */
function inMetasWords(node: JsonObject): JsonObject {
  const words = ['status', 'category', 'rejected_reason'].flatMap((key) => {
    const word = asText(node[key]);
    return word === undefined ? [] : [[key, word.toUpperCase()] as const];
  });
  return { ...node, ...Object.fromEntries(words) };
}
