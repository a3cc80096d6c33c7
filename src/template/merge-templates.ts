import type { TemplateDescription, TemplatesFacet } from '../contract/index.js';
import type { StoredTemplate, Template } from './template.repository.js';

/** What the network no longer lists. */
export const GONE = 'DELETED';

export interface TemplateChanges {
  /** new and changed ones */
  readonly write: readonly Template[];
  /** those that were paused and no longer are */
  readonly resumed: readonly string[];
  /** news came while the list was read, and may be newer than it: the list should be read once more */
  readonly isOvertaken: boolean;
}

/** What the network lists, beside what we have. Nothing is dropped: what is gone is marked. */
export function mergeTemplates(
  stored: readonly StoredTemplate[],
  listed: readonly TemplateDescription[],
  facet: Pick<TemplatesFacet, 'standingOf'>,
  { groupId, startedAt, newId }: { groupId: string; startedAt: Date; newId: () => string },
): TemplateChanges {
  const known = new Map(stored.map((template) => [keyOf(template), template]));
  const found = oneOfEach(listed, facet);
  const write: Template[] = [];
  const resumed: string[] = [];
  let isOvertaken = false;
  const change = (before: StoredTemplate | undefined, after: Template): void => {
    if (before?.notedAt && before.notedAt >= startedAt) {
      isOvertaken = true;
      return;
    }
    if (before && isSame(before, after)) return;
    write.push(after);
    if (before?.standing === 'paused' && after.standing !== 'paused') resumed.push(before.id);
  };
  for (const [key, description] of found) {
    const before = known.get(key);
    change(before, toTemplate(before, description, facet, before?.id ?? newId(), groupId));
  }
  for (const [key, template] of known) {
    if (found.has(key) || template.status === GONE) continue;
    change(template, { ...fieldsOf(template), status: GONE, standing: 'unusable', reason: null, pausedUntil: null });
  }
  return { write, resumed, isOvertaken };
}

/** One that is being deleted may be listed beside its successor. */
function oneOfEach(listed: readonly TemplateDescription[], facet: Pick<TemplatesFacet, 'standingOf'>) {
  const found = new Map<string, TemplateDescription>();
  for (const description of listed) {
    const other = found.get(keyOf(description));
    if (!other || facet.standingOf(other.status) === 'unusable') found.set(keyOf(description), description);
  }
  return found;
}

/** A template as the network describes it, beside what we have of it. */
export function toTemplate(
  before: StoredTemplate | undefined,
  description: TemplateDescription,
  facet: Pick<TemplatesFacet, 'standingOf'>,
  id: string,
  groupId: string,
): Template {
  const { name, language, category, status, quality, reason, parameters, components } = description;
  const standing = facet.standingOf(status);
  // A list says that a template is paused, not since when or why; what news said of that stays.
  const isAsBefore = before?.status === status;
  return {
    id,
    groupId,
    name,
    language,
    providerId: description.id ?? null,
    category,
    status,
    standing,
    quality: quality ?? before?.quality ?? null,
    reason: reason ?? (isAsBefore ? before.reason : null),
    pausedUntil: standing === 'paused' && before?.standing === 'paused' ? before.pausedUntil : null,
    parameters,
    components,
  };
}

function fieldsOf({
  id,
  groupId,
  name,
  language,
  providerId,
  category,
  status,
  standing,
  quality,
  reason,
  pausedUntil,
  parameters,
  components,
}: StoredTemplate): Template {
  return {
    id,
    groupId,
    name,
    language,
    providerId,
    category,
    status,
    standing,
    quality,
    reason,
    pausedUntil,
    parameters,
    components,
  };
}

function isSame(before: StoredTemplate, after: Template): boolean {
  return JSON.stringify(fieldsOf(before)) === JSON.stringify(after);
}

function keyOf({ name, language }: { readonly name: string; readonly language: string }): string {
  return `${language} ${name}`;
}
