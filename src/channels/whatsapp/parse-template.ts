import type { JsonObject, TemplateChanged } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';
import { Broken, type ValueContext, readTime } from './reading.js';
import { readLanguage } from './read-template.js';

/** How long Meta pauses a template, by how often it has before (Meta: templates/template-pausing). */
const HOUR = 3_600_000;
const PAUSES: ReadonlyMap<string, number> = new Map([
  ['FIRST_PAUSE', 3 * HOUR],
  ['SECOND_PAUSE', 6 * HOUR],
]);

type News = Pick<TemplateChanged, 'status' | 'reason' | 'pausedUntil' | 'quality' | 'category' | 'definition'>;
type ReadNews = (value: JsonObject, occurredAt: Date) => News;

/** Webhook field → what it says of a template. */
const FIELDS: ReadonlyMap<string, ReadNews> = new Map<string, ReadNews>([
  ['message_template_status_update', readStatus],
  ['message_template_quality_update', (value) => ({ quality: need(value, 'new_quality_score') })],
  ['template_category_update', readCategory],
  ['message_template_components_update', () => ({ definition: true as const })],
]);

export function isTemplateField(field: string): boolean {
  return FIELDS.has(field);
}

/** Empty: an announcement that changes nothing yet. */
export function readTemplateChange(
  field: string,
  value: JsonObject,
  group: string,
  entryTime: ValueContext['entryTime'],
): readonly TemplateChanged[] {
  if (field === 'template_category_update' && asText(value['new_category']) === undefined) return [];
  const name = need(value, 'message_template_name');
  const language = readLanguage(value['message_template_language']);
  if (language === undefined) throw new Broken('message_template_language is missing');
  const occurredAt = readTime(undefined, { entryTime });
  const news = FIELDS.get(field)?.(value, occurredAt) ?? {};
  const id = asId(value['message_template_id']) ?? `${name}/${language}`;
  const words = [news.status, news.quality, news.category].filter((word) => word !== undefined);
  const change = defined({
    type: 'template' as const,
    group,
    key: [field, id, occurredAt.getTime(), ...words].join('|'),
    occurredAt,
    name,
    language,
    ...news,
    raw: value,
  });
  return [change];
}

function readStatus(value: JsonObject, occurredAt: Date): News {
  const status = need(value, 'event').toUpperCase();
  const reason = asText(value['reason']);
  const title = asText(asObject(value['other_info'])?.['title']);
  const pauseMs = status === 'PAUSED' ? PAUSES.get(title ?? '') : undefined;
  return defined({
    status,
    reason: reason === undefined || reason === 'NONE' ? title : reason,
    pausedUntil: pauseMs === undefined ? undefined : new Date(occurredAt.getTime() + pauseMs),
    category: asText(value['message_template_category']),
  });
}

function readCategory(value: JsonObject): News {
  return { category: need(value, 'new_category') };
}

function need(value: JsonObject, key: string): string {
  const text = asText(value[key]);
  if (text === undefined) throw new Broken(`${key} is missing`);
  return text;
}
