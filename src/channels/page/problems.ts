import { type ContentProblem, textLength } from '../../contract/index.js';
import { type PageNetwork, UNIT_NAMES } from './network.js';

/** Collects what is wrong with a content, in the words of whoever wrote it. Values are not trusted to have their type. */
export class Problems {
  readonly list: ContentProblem[] = [];

  constructor(readonly network: PageNetwork) {}

  invalid(path: string, message: string): void {
    this.list.push({ path, code: 'content.invalid', message });
  }

  unsupported(path: string, message: string): void {
    this.list.push({ path, code: 'content.unsupported', message });
  }

  /** A text that must be there, and no longer than `max` in the network's own unit. */
  text(path: string, value: unknown, max: number): void {
    const { unit } = this.network.capabilities.text;
    if (!isText(value)) return this.invalid(path, `must be a text of 1 to ${max} ${UNIT_NAMES[unit]}`);
    const length = textLength(value, unit);
    if (length <= max) return;
    const message = `is ${length} ${UNIT_NAMES[unit]} long; ${this.network.title} allows ${max}`;
    this.list.push({ path, code: 'content.too_long', message });
  }

  tooMany(path: string, count: number, max: number, what: string): void {
    if (count > max) this.unsupported(path, `has ${count} ${what}; ${this.network.title} allows ${max}`);
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

export function isWebUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}
