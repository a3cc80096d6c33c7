import {
  type ContentProblem,
  isJsonObject,
  type JsonObject,
  type RevisedTemplate,
  type TemplateDraft,
  type TemplateRevision,
} from '../../contract/index.js';
import { checkAuthentication } from './check-draft-authentication.js';
import { checkButtons } from './check-draft-buttons.js';
import { checkBody, checkFooter, checkHeader } from './check-draft-texts.js';
import { LANGUAGE, TEMPLATE_NAME } from './check-template.js';
import { DraftProblems, type Placed } from './draft-problems.js';

/** Meta: whatsapp/templates/overview, "template categories". */
const CATEGORIES = ['AUTHENTICATION', 'MARKETING', 'UTILITY'];

/** How long Meta may try to deliver, in seconds (Meta: templates/time-to-live). */
const TTL: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['AUTHENTICATION', [30, 900]],
  ['UTILITY', [30, 43_200]],
  ['MARKETING', [43_200, 2_592_000]],
]);
const AS_LONG_AS_EVER = -1;

/** What Meta would refuse for certain when it is asked for this template (Meta: templates/overview, /components). */
export function checkDraft(draft: TemplateDraft): readonly ContentProblem[] {
  const problems = new DraftProblems();
  if (typeof draft.name !== 'string' || !TEMPLATE_NAME.test(draft.name)) {
    problems.report('name', 'template.name', 'must be 1 to 512 of the characters a-z, 0-9 and _');
  }
  if (typeof draft.language !== 'string' || !LANGUAGE.test(draft.language)) {
    problems.report('language', 'template.language', 'must be a language code like en_US or uk');
  }
  checkRest(draft, problems);
  return problems.list;
}

/** What Meta would refuse for certain when a template is to become this. */
export function checkRevision(template: RevisedTemplate, revision: TemplateRevision): readonly ContentProblem[] {
  const problems = new DraftProblems();
  checkRest(
    {
      name: template.name,
      language: template.language,
      category: revision.category ?? knownCategory(template.category),
      parameterFormat: template.parameters.format,
      components: revision.components ?? [],
      ...(revision.ttlSeconds !== undefined && { ttlSeconds: revision.ttlSeconds }),
    },
    problems,
    revision.components !== undefined,
  );
  return problems.list;
}

/** A category that is new to us has at least the shape of the most common one. */
function knownCategory(category: string): string {
  return CATEGORIES.includes(category.toUpperCase()) ? category : 'MARKETING';
}

function checkRest(draft: TemplateDraft, problems: DraftProblems, hasComponents = true): void {
  const category = String(draft.category).toUpperCase();
  if (!CATEGORIES.includes(category)) {
    problems.report('category', 'template.category', `must be one of ${CATEGORIES.join(', ')}`);
    return;
  }
  checkTtl(category, draft.ttlSeconds, problems);
  if (hasComponents) checkComponents(category, draft, problems);
}

function checkTtl(category: string, ttl: number | undefined, problems: DraftProblems): void {
  if (ttl === undefined || ttl === AS_LONG_AS_EVER) return;
  const [least, most] = TTL.get(category) ?? [0, 0];
  if (Number.isInteger(ttl) && ttl >= least && ttl <= most) return;
  const message = `must be ${least} to ${most} seconds for ${category}, or -1 for 30 days`;
  problems.report('ttlSeconds', 'template.ttl', message);
}

function checkComponents(category: string, draft: TemplateDraft, problems: DraftProblems): void {
  const components: unknown = draft.components;
  if (!Array.isArray(components) || !components.every(isJsonObject)) {
    problems.report('components', 'template.invalid', "must be a list of objects, as in Meta's documentation");
    return;
  }
  const typed = typesOf(components, problems);
  if (!typed.has('BODY')) problems.report('components', 'template.invalid', 'must have a component of type BODY');
  if (category === 'AUTHENTICATION') {
    checkAuthentication(typed, problems);
    return;
  }
  const format = draft.parameterFormat ?? 'positional';
  // carousels, offers and what Meta adds next are Meta's to judge
  for (const [type, { component, path }] of typed) {
    if (type === 'HEADER') checkHeader(component, path, format, problems);
    else if (type === 'BODY') checkBody(component, path, format, problems);
    else if (type === 'FOOTER') checkFooter(component, path, problems);
    else if (type === 'BUTTONS') checkButtons(component, path, problems);
  }
}

/** One of each type; Meta takes no second one. */
function typesOf(components: readonly JsonObject[], problems: DraftProblems): ReadonlyMap<string, Placed> {
  const typed = new Map<string, Placed>();
  components.forEach((component, at) => {
    const path = `components[${at}]`;
    const type = typeof component['type'] === 'string' ? component['type'].toUpperCase() : '';
    if (type === '') problems.report(`${path}.type`, 'template.invalid', 'must be the type of the component');
    else if (typed.has(type)) problems.report(path, 'template.invalid', `is a second ${type}; Meta takes one`);
    else typed.set(type, { component, path });
  });
  return typed;
}
