import { type ContentProblem, textLength } from '../../contract/index.js';
import { capabilities } from './capabilities.js';

/** Collects what is wrong with a content, in the words of whoever wrote it. Values are not trusted to have their type. */
export class Problems {
  readonly list: ContentProblem[] = [];

  invalid(path: string, message: string): void {
    this.list.push({ path, code: 'content.invalid', message });
  }

  unsupported(path: string, message: string): void {
    this.list.push({ path, code: 'content.unsupported', message });
  }

  tooMany(path: string, count: number, max: number, what: string): void {
    if (count > max) this.unsupported(path, `has ${count} ${what}; WhatsApp allows ${max}`);
  }

  /** A text that must be there and must not be longer than `max` code points (😀 counts one, as WhatsApp counts it). */
  text(path: string, value: unknown, max: number): void {
    if (typeof value !== 'string' || value.trim() === '')
      this.invalid(path, `must be a text of 1 to ${max} characters`);
    else this.length(path, value, max);
  }

  optionalText(path: string, value: unknown, max: number): void {
    if (value !== undefined) this.text(path, value, max);
  }

  private length(path: string, value: string, max: number): void {
    const length = textLength(value, capabilities.text.unit);
    if (length <= max) return;
    const message = `is ${length} characters (Unicode code points) long; WhatsApp allows ${max}`;
    this.list.push({ path, code: 'content.too_long', message });
  }

  /** Ids that the customer's answer comes back with; two alike could not be told apart, and Meta refuses them. */
  distinct(path: string, ids: readonly unknown[]): void {
    if (new Set(ids).size < ids.length) this.invalid(path, 'ids must differ from one another');
  }
}

export function isWebUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}
