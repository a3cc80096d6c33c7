import type { FormContent, JsonObject, JsonValue } from '../../contract/index.js';
import { asObject, asText, parseJson } from '../graph/index.js';

/**
 * The answer to a flow or an address message (Meta: webhooks/reference/messages/interactive, `nfm_reply`). What was filled in
 * comes as JSON within a string; text that is no JSON is kept, with `data` null.
 */
export function readForm(reply: JsonObject | undefined): FormContent {
  const given = reply?.['response_json'];
  const isText = typeof given === 'string';
  const data: JsonValue = (isText ? parseJson(given) : asObject(given)) ?? null;
  return {
    type: 'form',
    name: asText(reply?.['name']) ?? 'flow',
    body: asText(reply?.['body']) ?? '',
    data,
    raw: isText ? given : '',
  };
}
