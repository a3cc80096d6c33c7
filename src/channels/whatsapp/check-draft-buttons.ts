import { isJsonObject, type JsonObject } from '../../contract/index.js';
import { asList, asText } from '../graph/index.js';
import type { DraftProblems } from './draft-problems.js';
import { isWebUrl } from './problems.js';
import { variableNames } from './template-variables.js';

/** Meta: whatsapp/templates/components, "buttons". */
const BUTTONS_MAX = 10;
const LABEL_MAX = 25;
const URL_MAX = 2000;
const PHONE_MAX = 20;
const CODE_MAX = 15;

/** How many of a kind one template takes; of others only their sum is limited. */
const AT_MOST: ReadonlyMap<string, number> = new Map([
  ['URL', 2],
  ['PHONE_NUMBER', 1],
  ['COPY_CODE', 1],
  ['FLOW', 1],
]);

/** Their label is Meta's own. */
const WITHOUT_LABEL = new Set(['COPY_CODE', 'REQUEST_CONTACT_INFO']);

export function checkButtons(component: JsonObject, path: string, problems: DraftProblems): void {
  const own = `${path}.buttons`;
  const buttons: unknown = component['buttons'];
  if (!Array.isArray(buttons) || buttons.length === 0 || !buttons.every(isJsonObject)) {
    problems.report(own, 'template.buttons', 'must be a list of objects, at least one');
    return;
  }
  if (buttons.length > BUTTONS_MAX) {
    problems.report(own, 'template.buttons', `has ${buttons.length} buttons; Meta allows ${BUTTONS_MAX}`);
  }
  const kinds = buttons.map(kindOf);
  for (const [kind, most] of AT_MOST) {
    const count = kinds.filter((each) => each === kind).length;
    if (count > most) problems.report(own, 'template.buttons', `has ${count} of type ${kind}; Meta allows ${most}`);
  }
  const runs = kinds.filter((kind, at) => kind === 'QUICK_REPLY' && kinds[at - 1] !== 'QUICK_REPLY').length;
  if (runs > 1) {
    problems.report(own, 'template.buttons', 'mixes quick replies with others; all quick replies must stand together');
  }
  buttons.forEach((button, at) => checkButton(button, kinds[at], `${own}[${at}]`, problems));
}

function kindOf(button: JsonObject): string | undefined {
  return asText(button['type'])?.toUpperCase();
}

function checkButton(button: JsonObject, kind: string | undefined, path: string, problems: DraftProblems): void {
  if (kind === undefined) {
    problems.report(`${path}.type`, 'template.buttons', 'must be the type of the button');
    return;
  }
  if (kind === 'OTP') {
    problems.report(`${path}.type`, 'template.buttons', 'OTP is for templates of the category AUTHENTICATION');
    return;
  }
  if (!WITHOUT_LABEL.has(kind)) checkLabel(button, path, problems);
  if (kind === 'URL') checkUrl(button, path, problems);
  else if (kind === 'PHONE_NUMBER') problems.text(`${path}.phone_number`, button['phone_number'], PHONE_MAX);
  else if (kind === 'COPY_CODE') checkSampleCode(button, path, problems);
  else if (kind === 'FLOW') checkFlow(button, path, problems);
}

function checkLabel(button: JsonObject, path: string, problems: DraftProblems): void {
  const { text } = button;
  if (!problems.text(`${path}.text`, text, LABEL_MAX)) return;
  if (variableNames(text).length > 0) {
    problems.report(`${path}.text`, 'template.variables', 'is the label of a button, which takes no variables');
  }
}

/** One variable, at the end, with a sample of the whole address (or of what stands for the variable). */
function checkUrl(button: JsonObject, path: string, problems: DraftProblems): void {
  const { url } = button;
  if (!problems.text(`${path}.url`, url, URL_MAX)) return;
  const variables = variableNames(url);
  if (!isWebUrl(url.replaceAll(/\{\{[^{}]*\}\}/g, 'x'))) {
    problems.report(`${path}.url`, 'template.buttons', 'must be an http or https address');
  } else if (variables.length > 1 || (variables.length === 1 && !/\{\{[^{}]*\}\}$/.test(url))) {
    problems.report(`${path}.url`, 'template.variables', 'takes one variable, at its end');
  } else if (variables.length === 1 && samplesOf(button).length !== 1) {
    problems.report(`${path}.example`, 'template.sample', 'must have one sample for the variable of the url');
  }
}

function checkSampleCode(button: JsonObject, path: string, problems: DraftProblems): void {
  problems.text(`${path}.example`, samplesOf(button)[0], CODE_MAX);
}

function checkFlow(button: JsonObject, path: string, problems: DraftProblems): void {
  const given = ['flow_id', 'flow_name', 'flow_json'].filter((member) => button[member] !== undefined);
  if (given.length === 1) return;
  problems.report(path, 'template.buttons', 'must name its flow by exactly one of flow_id, flow_name, flow_json');
}

/** Meta's pages have it as a list here, and as a bare text there. */
function samplesOf(button: JsonObject): readonly string[] {
  const example = button['example'];
  return [...asList(example), ...(typeof example === 'string' ? [example] : [])].flatMap((each) => asText(each) ?? []);
}
