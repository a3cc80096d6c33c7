import { randomBytes } from 'node:crypto';
import type { GatewayType, SettingKey } from '../contract/index.js';
import { isPlainText } from '../platform/http/is-plain-text.js';
import type { FieldError } from '../platform/problem/problem.js';
import { isMasked } from '../platform/secrets/cipher.js';
import type { OpenedMetadata } from './stored-metadata.js';

const MAX_LENGTH = 4096;

export interface MergedMetadata {
  readonly values: Readonly<Record<string, string>>;
  /** stored values that stay as they are although this process cannot read them */
  readonly kept: ReadonlySet<string>;
  /** keys made here: nobody has seen their values yet */
  readonly generated: ReadonlySet<string>;
  readonly changed: boolean;
  /** one per key that is wrong; the rest counts only when this is empty */
  readonly errors: readonly FieldError[];
}

/** What is stored, if anything, and what was given, become one; `null` removes, a masked secret means unchanged. */
export function mergeMetadata(
  type: GatewayType,
  given: Readonly<Record<string, unknown>>,
  current: OpenedMetadata | undefined,
): MergedMetadata {
  const keys = new Map(type.settings.map((key) => [key.name, key]));
  const values = new Map(Object.entries(current?.values ?? {}));
  const kept = new Set(current?.unreadable.keys());
  const errors: FieldError[] = [];
  const wrong = (name: string, code: string, message: string): void => {
    errors.push({ path: `metadata.${clip(name)}`, code, message });
  };

  for (const [name, value] of Object.entries(given)) {
    const key = keys.get(name);
    if (!key) {
      wrong(
        name,
        'metadata.unknown',
        `${clip(name)} is not a setting of ${type.type}; known are ${[...keys.keys()].join(', ')}`,
      );
    } else if (value === null && current) {
      values.delete(name);
      kept.delete(name);
    } else if (typeof value === 'string' && key.secret && isMasked(value)) {
      if (!values.has(name) && !kept.has(name))
        wrong(name, 'metadata.masked', `${name} is masked; give the value itself`);
    } else {
      const fault = faultOf(key, value);
      if (fault) wrong(name, 'metadata.malformed', `${name} ${fault}`);
      else {
        values.set(name, value as string);
        kept.delete(name);
      }
    }
  }

  const generated = new Set<string>();
  for (const key of type.settings) {
    if (values.has(key.name) || kept.has(key.name)) continue;
    if (key.generated) {
      values.set(key.name, key.generate?.() ?? randomBytes(24).toString('base64url'));
      generated.add(key.name);
    } else if (
      key.required &&
      key.default === undefined &&
      !errors.some(({ path }) => path === `metadata.${key.name}`)
    ) {
      wrong(key.name, 'metadata.required', `${key.name} is required: ${key.description}`);
    }
  }
  return { values: Object.fromEntries(values), kept, generated, changed: differs(values, kept, current), errors };
}

function faultOf(key: SettingKey, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value === '') return key.mayBeEmpty ? undefined : 'must not be empty; leave it out, or remove it with null';
  if (value.length > MAX_LENGTH) return `must not be longer than ${MAX_LENGTH} characters; given are ${value.length}`;
  if (!isPlainText(value)) return 'must not contain control characters or half of a surrogate pair';
  if (value.trim() !== value) return 'must not start or end with white space';
  if (key.values && !key.values.includes(value)) return `must be one of ${key.values.join(', ')}`;
  return key.check?.(value);
}

function differs(
  values: ReadonlyMap<string, string>,
  kept: ReadonlySet<string>,
  current: OpenedMetadata | undefined,
): boolean {
  if (!current || kept.size !== current.unreadable.size) return true;
  const before = Object.entries(current.values);
  return before.length !== values.size || before.some(([name, value]) => values.get(name) !== value);
}

function clip(name: string): string {
  return name.length > 60 ? `${name.slice(0, 59)}…` : name;
}
