import { errorTitle } from './error-titles.js';
import { GraphError, invalidParameter } from './graph-error.js';
import type { JsonObject } from './world.types.js';

/** Refused with 100 and the real reason as the subcode. Meta: support/error-codes */
export function templateError(subcode: number, message: string): GraphError {
  return new GraphError({
    code: 100,
    subcode,
    message: '(#100) Invalid parameter',
    userTitle: errorTitle(subcode),
    userMessage: message,
  });
}

const CATEGORIES = ['MARKETING', 'UTILITY', 'AUTHENTICATION'];
const TOO_LONG = 2388040;
const FORMATS = { HEADER: 2388047, BODY: 2388072, FOOTER: 2388073 } as const;

/** What Meta's review never gets to see. Meta: templates/overview, templates/components */
export function judgeFrame({ name, language, category }: JsonObject): GraphError | undefined {
  if (typeof name !== 'string' || !/^[a-z0-9_]+$/.test(name) || name.length > 512) {
    return invalidParameter('Param name must be 1 to 512 lower-case letters, digits and underscores.');
  }
  if (typeof language !== 'string' || !/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language)) {
    return invalidParameter('Param language must be one of the supported languages.');
  }
  return typeof category === 'string' && CATEGORIES.includes(category)
    ? undefined
    : invalidParameter(`Param category must be one of {${CATEGORIES.join(', ')}}`);
}

export function judgeComponents(components: unknown, category: string, format: string): GraphError | undefined {
  if (!Array.isArray(components) || components.length === 0) {
    return invalidParameter('Param components must be an array.');
  }
  const parts = components as JsonObject[];
  const part = (type: string) => parts.find((each) => String(each['type']).toUpperCase() === type);
  const body = part('BODY');
  if (body === undefined) {
    return templateError(FORMATS.BODY, 'A template needs a body.');
  }
  if (category === 'AUTHENTICATION') {
    return judgeAuthentication(body, part('BUTTONS'));
  }
  return (
    judgeHeader(part('HEADER'), format) ??
    judgeBody(body, format) ??
    judgeFooter(part('FOOTER')) ??
    judgeButtons(part('BUTTONS'))
  );
}

function judgeAuthentication(body: JsonObject, buttons: JsonObject | undefined): GraphError | undefined {
  if (body['text'] !== undefined) {
    return templateError(FORMATS.BODY, 'The body of an authentication template is preset.');
  }
  const [button, ...others] = listOf(buttons?.['buttons']);
  return button?.['type'] === 'OTP' && others.length === 0
    ? undefined
    : invalidParameter('An authentication template has one button of type OTP.');
}

function judgeHeader(header: JsonObject | undefined, format: string): GraphError | undefined {
  if (header === undefined) {
    return undefined;
  }
  const example = header['example'] as JsonObject | undefined;
  if (header['format'] !== 'TEXT') {
    const needsHandle = header['format'] !== 'LOCATION';
    return needsHandle && listOf(example?.['header_handle']).length !== 1
      ? templateError(FORMATS.HEADER, 'The header needs one sample handle.')
      : undefined;
  }
  const text = textOf(header['text']);
  const names = variables(text);
  if (text === '' || names.length > 1) {
    return templateError(FORMATS.HEADER, 'A header has a text with at most one variable.');
  }
  if ([...text].length > 60) {
    return templateError(TOO_LONG, 'A header has at most 60 characters.');
  }
  const key = format === 'NAMED' ? 'header_text_named_params' : 'header_text';
  return listOf(example?.[key]).length < names.length
    ? templateError(FORMATS.HEADER, 'The header needs a sample for its variable.')
    : undefined;
}

function judgeBody(body: JsonObject, format: string): GraphError | undefined {
  const text = textOf(body['text']);
  const names = variables(text);
  if (text === '') {
    return templateError(FORMATS.BODY, 'A body has a text.');
  }
  if ([...text].length > 1024) {
    return templateError(TOO_LONG, 'A body has at most 1024 characters.');
  }
  const isNamed = format === 'NAMED';
  const isOdd = names.some((name, at) => (isNamed ? !/^[a-z][a-z0-9_]*$/.test(name) : !names.includes(String(at + 1))));
  if (isOdd) {
    return templateError(FORMATS.BODY, 'The variables are not written as the parameter format wants them.');
  }
  if (/^\s*\{\{/.test(text) || /\}\}\s*$/.test(text)) {
    return templateError(2388299, 'A body cannot begin or end with a variable.');
  }
  const used = [...text.matchAll(/\{\{/g)].length;
  if (used > 0 && text.trim().split(/\s+/).length < 2 * used + 1) {
    return templateError(2388293, 'The body has too many variables for its length.');
  }
  const example = body['example'] as JsonObject | undefined;
  const rows = listOf(example?.['body_text']) as unknown[];
  const samples = isNamed ? listOf(example?.['body_text_named_params']) : ((rows[0] ?? []) as unknown[]);
  return samples.length === names.length
    ? undefined
    : templateError(FORMATS.BODY, 'The body needs a sample for every variable.');
}

function judgeFooter(footer: JsonObject | undefined): GraphError | undefined {
  const text = textOf(footer?.['text']);
  if (footer !== undefined && (text === '' || variables(text).length > 0)) {
    return templateError(FORMATS.FOOTER, 'A footer has a text without variables.');
  }
  return [...text].length > 60 ? templateError(TOO_LONG, 'A footer has at most 60 characters.') : undefined;
}

function judgeButtons(component: JsonObject | undefined): GraphError | undefined {
  const buttons = listOf(component?.['buttons']);
  if (component !== undefined && (buttons.length === 0 || buttons.length > 10)) {
    return invalidParameter('A template has 1 to 10 buttons.');
  }
  const isLong = ({ text, url, phone_number: phone }: JsonObject): boolean =>
    [...textOf(text)].length > 25 || textOf(url).length > 2000 || textOf(phone).length > 20;
  return buttons.some(isLong) ? templateError(TOO_LONG, 'A part of a button is too long.') : undefined;
}

function variables(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map(([, name]) => name ?? ''))];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
