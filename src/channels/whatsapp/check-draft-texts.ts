import { isJsonObject, type JsonObject, type TemplateParameters } from '../../contract/index.js';
import { asList, asObject, asObjects, asText } from '../graph/index.js';
import type { DraftProblems } from './draft-problems.js';
import { checkPlaces, checkVariables, variableNames } from './template-variables.js';

type Format = TemplateParameters['format'];

/** Lengths in code points (Meta: whatsapp/templates/components). */
const HEADER_MAX = 60;
const BODY_MAX = 1024;
const FOOTER_MAX = 60;

/** Headers that show a file want a sample of it, uploaded beforehand. GIF is for marketing by its own API. */
const MEDIA = new Set(['IMAGE', 'VIDEO', 'DOCUMENT', 'GIF']);

export function checkHeader(header: JsonObject, path: string, format: Format, problems: DraftProblems): void {
  const kind = asText(header['format'])?.toUpperCase();
  if (kind === undefined) {
    problems.report(`${path}.format`, 'template.header', 'must be TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION');
  } else if (kind === 'TEXT') {
    checkHeaderText(header, path, format, problems);
  } else if (MEDIA.has(kind)) {
    const handles = asList(asObject(header['example'])?.['header_handle']);
    if (handles.length === 1 && asText(handles[0]) !== undefined) return;
    const message =
      'must have one handle: what the upload of a sample file to Meta gave back (a link or a media id will not do)';
    problems.report(`${path}.example.header_handle`, 'template.sample', message);
  }
}

function checkHeaderText(header: JsonObject, path: string, format: Format, problems: DraftProblems): void {
  const { text } = header;
  if (!problems.text(`${path}.text`, text, HEADER_MAX)) return;
  const names = checkVariables(`${path}.text`, text, format, problems);
  if (names === undefined || names.length === 0) return;
  if (names.length > 1) {
    problems.report(`${path}.text`, 'template.variables', `has ${names.length} variables; a header takes one`);
    return;
  }
  const example = asObject(header['example']);
  if (format === 'named') checkNamed(example, `${path}.example`, 'header_text_named_params', names, problems);
  else checkCount(asList(example?.['header_text']), `${path}.example.header_text`, 1, problems);
}

export function checkBody(body: JsonObject, path: string, format: Format, problems: DraftProblems): void {
  const { text } = body;
  if (!problems.text(`${path}.text`, text, BODY_MAX)) return;
  const names = checkVariables(`${path}.text`, text, format, problems);
  if (names === undefined) return;
  checkPlaces(`${path}.text`, text, problems);
  if (names.length === 0) return;
  const example = asObject(body['example']);
  if (format === 'named') {
    checkNamed(example, `${path}.example`, 'body_text_named_params', names, problems);
    return;
  }
  // a list of lists: Meta shows several sets of samples, and one is enough
  const rows = asList(example?.['body_text']);
  const first = Array.isArray(rows[0]) ? rows[0] : rows;
  checkCount(first, `${path}.example.body_text`, names.length, problems);
}

export function checkFooter(footer: JsonObject, path: string, problems: DraftProblems): void {
  const { text } = footer;
  if (!problems.text(`${path}.text`, text, FOOTER_MAX)) return;
  if (variableNames(text).length > 0) {
    problems.report(`${path}.text`, 'template.variables', 'is the footer, which takes no variables');
  }
}

function checkCount(samples: readonly unknown[], path: string, wanted: number, problems: DraftProblems): void {
  const given = samples.filter((sample) => typeof sample === 'string' && sample.trim() !== '').length;
  if (given === wanted && samples.length === wanted) return;
  const message = `must have a sample for every variable: ${wanted} wanted, ${given} given`;
  problems.report(path, 'template.sample', message);
}

function checkNamed(
  example: JsonObject | undefined,
  path: string,
  member: string,
  names: readonly string[],
  problems: DraftProblems,
): void {
  const given = asObjects(example?.[member])
    .filter(isNamedSample)
    .map((sample) => sample['param_name']);
  const missing = names.filter((name) => !given.includes(name));
  if (missing.length === 0) return;
  const message = `must have {"param_name", "example"} for every variable; none for ${missing.slice(0, 10).join(', ')}`;
  problems.report(`${path}.${member}`, 'template.sample', message);
}

function isNamedSample(sample: JsonObject): boolean {
  return isJsonObject(sample) && asText(sample['param_name']) !== undefined && asText(sample['example']) !== undefined;
}
