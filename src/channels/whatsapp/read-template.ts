import type { JsonObject, JsonValue, TemplateDescription, TemplateParameters } from '../../contract/index.js';
import { asId, asObject, asObjects, asText, defined } from '../graph/index.js';

type Button = TemplateParameters['buttons'][number];

/** One node of `message_templates` (Meta: graph-api/reference/whats-app-business-hsm) → its description. */
export function readTemplate(node: JsonObject): TemplateDescription | undefined {
  const name = asText(node['name']);
  const language = readLanguage(node['language']);
  if (name === undefined || language === undefined) return undefined;
  const components = asObjects(node['components']);
  const reason = asText(node['rejected_reason']);
  return defined({
    id: asId(node['id']),
    name,
    language,
    category: asText(node['category']) ?? 'UNKNOWN',
    status: asText(node['status']) ?? 'UNKNOWN',
    quality: readQuality(node['quality_score']),
    reason: reason === 'NONE' ? undefined : reason,
    parameters: readParameters(components, asText(node['parameter_format'])),
    components,
  });
}

/** Webhooks print `en-US` where templates have `en_US` (Meta: webhooks/reference/message_template_status_update). */
export function readLanguage(value: JsonValue | undefined): string | undefined {
  return asText(value)?.replaceAll('-', '_');
}

/** `{"score": "GREEN", "date": …}`, or the bare word. */
function readQuality(value: JsonValue | undefined): string | undefined {
  return asText(value) ?? asText(asObject(value)?.['score']);
}

function readParameters(components: readonly JsonObject[], format: string | undefined): TemplateParameters {
  const find = (type: string): JsonObject | undefined =>
    components.find((component) => asText(component['type'])?.toUpperCase() === type);
  const header = find('HEADER');
  const kind = asText(header?.['format'])?.toLowerCase();
  const text = asText(find('BODY')?.['text']);
  const body = text === undefined ? null : variablesOf(text);
  const headerNames = variablesOf(asText(header?.['text']) ?? '');
  const isNamed =
    format === undefined
      ? [...(body ?? []), ...headerNames].some((name) => !/^\d+$/.test(name))
      : format.toUpperCase() === 'NAMED';
  return {
    format: isNamed ? 'named' : 'positional',
    ...(kind !== undefined && { header: { kind, names: headerNames } }),
    body,
    buttons: asObjects(find('BUTTONS')?.['buttons']).map(readButton),
  };
}

/** Whether Meta wants a value for it (Meta: templates/components, "buttons"). */
function readButton(button: JsonObject): Button {
  const kind = asText(button['type'])?.toLowerCase() ?? 'unknown';
  const isUrlWithVariable = kind === 'url' && variablesOf(asText(button['url']) ?? '').length > 0;
  return { kind, variable: isUrlWithVariable || kind === 'copy_code' || kind === 'otp' };
}

/** `{{1}}`, `{{first_name}}`: each once, in the order of the text. */
function variablesOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{\{\s*([^{}]*[^{}\s])\s*\}\}/g)].map(([, name]) => name ?? ''))];
}
