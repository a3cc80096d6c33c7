import { type ContentProblem, textLength } from '../../contract/index.js';

/** Collects what is wrong with a content, in the words of whoever wrote it. Values are not trusted to have their type. */
export class Problems {
  readonly list: ContentProblem[] = [];

  invalid(path: string, message: string): void {
    this.list.push({ path, code: 'content.invalid', message });
  }

  unsupported(path: string, message: string): void {
    this.list.push({ path, code: 'content.unsupported', message });
  }

  /** A text that must be there and must not be longer than `max` UTF-16 code units (😀 counts two, as Telegram counts it). */
  text(path: string, value: unknown, max: number): void {
    if (typeof value !== 'string' || value.trim() === '') {
      return this.invalid(path, `must be a text of 1 to ${max} characters`);
    }
    const length = textLength(value, 'utf16');
    if (length > max) this.tooLong(path, `is ${length} characters (UTF-16 code units) long; Telegram allows ${max}`);
  }

  /** What comes back when a button is pressed. */
  data(path: string, value: string, max: number): void {
    const bytes = textLength(value, 'utf8-byte');
    if (bytes > max) this.tooLong(path, `is ${bytes} bytes (UTF-8) long; Telegram allows ${max}`);
  }

  private tooLong(path: string, message: string): void {
    this.list.push({ path, code: 'content.too_long', message });
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

export function isWebUrl(value: unknown): boolean {
  return typeof value === 'string' && /^(?:https?|tg):\/\//i.test(value) && URL.canParse(value);
}
