import type { TemplateParameters } from '../../contract/index.js';
import type { DraftProblems } from './draft-problems.js';

/** `{{1}}`, `{{first_name}}`: what stands between the braces, however it is spelled. */
const VARIABLE = /\{\{([^{}]*)\}\}/g;
const POSITION = /^[1-9]\d*$/;
const NAME = /^[a-z][a-z0-9_]*$/;

/** Scripts that put no spaces between words: each of their characters counts as one. */
const WORD_EACH =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

type Format = TemplateParameters['format'];

/** The variables of a text, each once, in the order of the text. */
export function variableNames(text: string): readonly string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map(([, name]) => name?.trim() ?? ''))];
}

/** How they are written (Meta: templates/overview, "named and positional parameters"). Answers the names that are usable. */
export function checkVariables(
  path: string,
  text: string,
  format: Format,
  problems: DraftProblems,
): readonly string[] | undefined {
  const report = (message: string): void => problems.report(path, 'template.variables', message);
  if (/\{\{|\}\}/.test(text.replaceAll(VARIABLE, ''))) {
    report('has braces that are no variable; a variable is written {{1}} or {{first_name}}');
    return undefined;
  }
  const names = variableNames(text);
  const fits = format === 'named' ? NAME : POSITION;
  const odd = names.find((name) => !fits.test(name));
  if (odd !== undefined) {
    report(
      format === 'named'
        ? `has the variable {{${odd}}}; with parameterFormat "named" a name is a-z, 0-9 and _, beginning with a letter`
        : `has the variable {{${odd}}}; variables are numbers from 1 on, unless parameterFormat is "named"`,
    );
    return undefined;
  }
  if (format === 'positional') {
    const missing = names.map((_, at) => String(at + 1)).find((number) => !names.includes(number));
    if (missing !== undefined) {
      report(`has no {{${missing}}}: variables are numbered from 1 without gaps`);
      return undefined;
    }
  }
  return names;
}

/** Meta refuses a text that begins or ends with a variable (2388299), or has too many for its length (2388293). */
export function checkPlaces(path: string, text: string, problems: DraftProblems): void {
  const trimmed = text.trim();
  const count = [...trimmed.matchAll(VARIABLE)].length;
  if (count === 0) return;
  if (trimmed.startsWith('{{') || trimmed.endsWith('}}')) {
    problems.report(path, 'template.variables', 'cannot begin or end with a variable');
    return;
  }
  // Meta publishes no number; this is what senders have found. Variables are counted as words, so that in doubt Meta judges.
  const words = trimmed.replaceAll(VARIABLE, 'v').replaceAll(WORD_EACH, ' v ').trim().split(/\s+/).length;
  const needed = 2 * count + 1;
  if (words >= needed) return;
  const variables = count === 1 ? '1 variable' : `${count} variables`;
  problems.report(
    path,
    'template.variables',
    `has too many variables for its length: with ${variables} it needs ${needed} words or more, it has ${words}`,
  );
}
