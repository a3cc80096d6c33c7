import type { ContentProblem, JsonObject, TemplateContent, TemplateDefinition } from '../../contract/index.js';
import { asNumber, asObjects, asText } from '../graph/index.js';

/** What a content fills in, whether it says so by `params` or by Meta's own components. */
interface Filling {
  readonly header?: { readonly path: string; readonly kind: string | undefined };
  readonly body: { readonly path: string; readonly names: readonly (string | undefined)[] };
  readonly buttons: readonly { readonly path: string; readonly index: number; readonly kind: string | undefined }[];
  /** Meta's own array, verbatim: then only what Meta itself counts is judged */
  readonly isVerbatim: boolean;
}

type Report = (path: string, message: string) => void;

/**
 * Whether the parameters fit the template: what Meta would refuse with 132000, 132012, 132018 or 131008 (Meta:
 * whatsapp/support/error-codes). What a definition does not show is not judged.
 */
export function checkFilling(content: TemplateContent, definition: TemplateDefinition): readonly ContentProblem[] {
  const problems: ContentProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, code: 'template.parameters', message });
  const filling = content.components ? ofComponents(content.components) : ofParams(content.params ?? {});
  checkHeader(filling, definition, report);
  checkBody(filling, definition, report);
  checkButtons(filling, definition, report);
  return problems;
}

const MEDIA_AND_PLACES = new Set(['image', 'video', 'document', 'location']);

function checkHeader({ header: given }: Filling, { parameters }: TemplateDefinition, report: Report): void {
  const path = given?.path ?? 'content.params.header';
  const kind = parameters.header?.kind;
  if (kind === undefined) {
    if (given) report(path, 'the template has no header');
  } else if (kind === 'text') {
    const takesValue = (parameters.header?.names.length ?? 0) > 0;
    if (takesValue && given?.kind !== 'text') report(path, 'the header of the template takes a text');
    if (!takesValue && given) report(path, 'the header of the template takes no value');
  } else if (MEDIA_AND_PLACES.has(kind) && given?.kind !== kind) {
    report(path, `the header of the template takes ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`);
  }
}

function checkBody({ body, isVerbatim }: Filling, { parameters }: TemplateDefinition, report: Report): void {
  const wanted = parameters.body;
  if (wanted === null) return;
  const { path, names } = body;
  const isNamed = names.some((name) => name !== undefined);
  if (parameters.format === 'named' && wanted.length > 0) {
    const missing = wanted.filter((name) => !names.includes(name));
    const unknown = names.flatMap((name) => (name !== undefined && !wanted.includes(name) ? [name] : []));
    if (!isNamed && names.length > 0) report(path, `the template takes values by name: ${wanted.join(', ')}`);
    else if (missing.length > 0) report(path, `the template also takes ${missing.join(', ')}`);
    if (unknown.length > 0) report(path, `the template does not take ${unknown.slice(0, 10).join(', ')}`);
    return;
  }
  if (names.length !== wanted.length) {
    const many = (count: number): string => (count === 1 ? '1 value' : `${count} values`);
    report(path, `the text of the template takes ${many(wanted.length)}, ${names.length} given`);
  } else if (isNamed && !isVerbatim) report(path, 'the template takes its values in order, as a list');
}

/** What each kind of button is filled with; of others nothing is known. */
const FILLED_BY: ReadonlyMap<string, string> = new Map([
  ['url', 'text'],
  ['otp', 'text'],
  ['quick_reply', 'payload'],
  ['copy_code', 'code'],
  ['flow', 'flow'],
]);

function checkButtons({ buttons: given }: Filling, { category, parameters }: TemplateDefinition, report: Report): void {
  const isAuthentication = category.toUpperCase() === 'AUTHENTICATION';
  for (const { path, index, kind } of given) {
    const button = parameters.buttons[index];
    const wanted = button && FILLED_BY.get(button.kind);
    if (!button) {
      // the button of an authentication template is not in every answer
      if (!isAuthentication || parameters.buttons.length > 0) report(path, `the template has no button ${index}`);
    } else if (wanted !== undefined && kind !== undefined && kind !== wanted) {
      report(path, `button ${index} of the template takes ${wanted}`);
    } else if (button.kind === 'url' && !button.variable && !isAuthentication) {
      report(path, `button ${index} of the template takes no value`);
    }
  }
  parameters.buttons.forEach((button, index) => {
    if (!button.variable || given.some((one) => one.index === index)) return;
    report(
      'content.params.buttons',
      `button ${index} of the template takes ${FILLED_BY.get(button.kind) ?? 'a value'}`,
    );
  });
}

function ofParams({ header, body = [], buttons = [], code }: NonNullable<TemplateContent['params']>): Filling {
  const path = 'content.params';
  const [headerKind] = Object.entries(header ?? {}).flatMap(([kind, value]) => (value === undefined ? [] : [kind]));
  if (code !== undefined) {
    const own = `${path}.code`;
    return {
      ...(header && { header: { path: `${path}.header`, kind: headerKind } }),
      body: { path: own, names: [undefined] },
      buttons: [{ path: own, index: 0, kind: 'text' }],
      isVerbatim: false,
    };
  }
  return {
    ...(header && { header: { path: `${path}.header`, kind: headerKind } }),
    body: { path: `${path}.body`, names: Array.isArray(body) ? body.map(() => undefined) : Object.keys(body) },
    buttons: buttons.map((button, at) => ({
      path: `${path}.buttons[${at}]`,
      index: button.index,
      kind: (['text', 'payload', 'code', 'flow'] as const).find((each) => button[each] !== undefined),
    })),
    isVerbatim: false,
  };
}

const KIND_OF_SUB_TYPE: ReadonlyMap<string, string> = new Map(
  ['url', 'quick_reply', 'copy_code', 'flow'].map((subType) => [subType, FILLED_BY.get(subType) ?? '']),
);

function ofComponents(components: readonly JsonObject[]): Filling {
  const path = 'content.components';
  const typed = (type: string): { component: JsonObject; path: string }[] =>
    components.flatMap((component, at) =>
      asText(component['type'])?.toLowerCase() === type ? [{ component, path: `${path}[${at}]` }] : [],
    );
  const [header] = typed('header');
  const [body] = typed('body');
  const [headerParameter] = asObjects(header?.component['parameters']);
  return {
    ...(header && headerParameter && { header: { path: header.path, kind: asText(headerParameter['type']) } }),
    body: {
      path: body?.path ?? path,
      names: asObjects(body?.component['parameters']).map((parameter) => asText(parameter['parameter_name'])),
    },
    buttons: typed('button').flatMap((button) => {
      const index = asNumber(button.component['index']);
      const kind = KIND_OF_SUB_TYPE.get(asText(button.component['sub_type'])?.toLowerCase() ?? '');
      return index === undefined ? [] : [{ path: button.path, index, kind }];
    }),
    isVerbatim: true,
  };
}
