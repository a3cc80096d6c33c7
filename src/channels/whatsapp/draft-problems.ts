import type { ContentProblem, JsonObject } from '../../contract/index.js';

/** A component, and where it stands in the draft. */
export interface Placed {
  readonly component: JsonObject;
  readonly path: string;
}

/** Collects what is wrong with a template before Meta is asked, in the words of whoever wrote it. Values are not trusted. */
export class DraftProblems {
  readonly list: ContentProblem[] = [];

  report(path: string, code: string, message: string): void {
    this.list.push({ path, code, message });
  }

  /** A text of 1 to `max` code points. True when it is one. */
  text(path: string, value: unknown, max: number): value is string {
    if (typeof value !== 'string' || value.trim() === '') {
      this.report(path, 'template.invalid', `must be a text of 1 to ${max} characters`);
      return false;
    }
    const length = codePoints(value);
    if (length > max) {
      this.report(path, 'template.too_long', `is ${length} characters (Unicode code points) long; Meta allows ${max}`);
      return false;
    }
    return true;
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
