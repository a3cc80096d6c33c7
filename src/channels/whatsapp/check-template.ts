import { isJsonObject, type TemplateContent, type TemplateParams } from '../../contract/index.js';
import { LIMITS } from './capabilities.js';
import { checkLocation, checkReference } from './check-media.js';
import type { Problems } from './problems.js';

export const TEMPLATE_NAME = /^[a-z0-9_]{1,512}$/;
export const LANGUAGE = /^[A-Za-z]{2,3}(_[A-Za-z0-9]{2,8})*$/;

/** What must be right whatever the template says; whether it fits the template, Meta answers (132000, 132012). */
export function checkTemplate(content: TemplateContent, problems: Problems): void {
  if (typeof content.name !== 'string' || !TEMPLATE_NAME.test(content.name)) {
    problems.invalid('content.name', 'must be 1 to 512 of the characters a-z, 0-9 and _');
  }
  if (typeof content.language !== 'string' || !LANGUAGE.test(content.language)) {
    problems.invalid('content.language', 'must be a language code like en_US or uk');
  }
  if (content.params !== undefined && content.components !== undefined) {
    problems.invalid('content.components', 'cannot be given together with params');
  }
  if (content.components !== undefined && !isListOfObjects(content.components)) {
    problems.invalid('content.components', "must be a list of objects, as in Meta's documentation");
  }
  if (content.params === undefined) return;
  if (isJsonObject(content.params)) checkParams(content.params, problems);
  else problems.invalid('content.params', 'must be an object');
}

const isListOfObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isJsonObject);

function checkParams(params: TemplateParams, problems: Problems): void {
  const path = 'content.params';
  if (params.header !== undefined) checkHeader(`${path}.header`, params.header, problems);
  if (params.body !== undefined) checkBody(`${path}.body`, params.body, problems);
  if (params.buttons !== undefined) checkButtons(`${path}.buttons`, params.buttons, problems);
  if (params.offer !== undefined) checkOffer(`${path}.offer`, params.offer, problems);
  if (params.code === undefined) return;
  problems.text(`${path}.code`, params.code, LIMITS.templateCode);
  if (params.body !== undefined || params.buttons !== undefined) {
    problems.invalid(`${path}.code`, 'fills body and button of an authentication template; give neither beside it');
  }
}

const HEADERS = ['text', 'image', 'video', 'document', 'location'] as const;

function checkHeader(path: string, header: NonNullable<TemplateParams['header']>, problems: Problems): void {
  const given = isJsonObject(header) ? HEADERS.filter((kind) => header[kind] !== undefined) : [];
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    return problems.invalid(path, `must have exactly one of ${HEADERS.join(', ')}`);
  }
  const value: unknown = header[kind];
  if (kind === 'text') return problems.text(`${path}.text`, value, LIMITS.templateHeader);
  if (!isJsonObject(value)) return problems.invalid(`${path}.${kind}`, 'must be an object');
  if (kind === 'location') checkLocation(`${path}.location`, value as never, problems);
  else checkReference(`${path}.${kind}`, value, problems);
}

function checkBody(path: string, body: NonNullable<TemplateParams['body']>, problems: Problems): void {
  if (!Array.isArray(body) && !isJsonObject(body)) {
    return problems.invalid(path, 'must be a list of values, or an object of name and value');
  }
  const separator = Array.isArray(body) ? (key: string) => `[${key}]` : (key: string) => `.${key}`;
  for (const [key, value] of Object.entries(body)) problems.text(path + separator(key), value, LIMITS.text);
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function checkOffer(path: string, offer: unknown, problems: Problems): void {
  const expiresAt = isJsonObject(offer) ? offer['expiresAt'] : undefined;
  const isInstant = typeof expiresAt === 'string' && INSTANT.test(expiresAt) && !Number.isNaN(Date.parse(expiresAt));
  if (!isInstant) problems.invalid(`${path}.expiresAt`, 'must be a moment like 2026-12-31T23:00:00Z');
}

const BUTTON_VALUES = ['text', 'payload', 'code', 'flow'] as const;

const BUTTON_MAX = { text: LIMITS.templateUrl, payload: LIMITS.text, code: LIMITS.templateCode } as const;

function checkButtons(path: string, buttons: NonNullable<TemplateParams['buttons']>, problems: Problems): void {
  if (!isListOfObjects(buttons)) return problems.invalid(path, 'must be a list of objects');
  buttons.forEach((button, at) => {
    const own = `${path}[${at}]`;
    const isIndex = Number.isInteger(button.index) && button.index >= 0 && button.index < LIMITS.templateButtons;
    if (!isIndex) problems.invalid(`${own}.index`, `must be the button's place, 0 to ${LIMITS.templateButtons - 1}`);
    const [kind, ...others] = BUTTON_VALUES.filter((each) => button[each] !== undefined);
    if (kind === undefined || others.length > 0) {
      return problems.invalid(own, `must have exactly one of ${BUTTON_VALUES.join(', ')}`);
    }
    if (kind !== 'flow') problems.text(`${own}.${kind}`, button[kind], BUTTON_MAX[kind]);
    else if (!isJsonObject(button.flow)) problems.invalid(`${own}.flow`, 'must be an object');
  });
  const places = buttons.map((button) => button.index);
  if (new Set(places).size < places.length) problems.invalid(path, 'two entries have the same index');
}
