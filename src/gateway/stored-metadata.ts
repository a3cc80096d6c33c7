import type { GatewayType, Settings } from '../contract/index.js';
import { type Cipher, SecretUnreadableError, mask } from '../platform/secrets/cipher.js';

/** Metadata as it is stored: secrets encrypted, defaults not written down. */
export type StoredMetadata = Readonly<Record<string, string | EncryptedValue>>;

export interface EncryptedValue {
  readonly encrypted: string;
}

export interface OpenedMetadata {
  /** what was given or generated, in clear; without defaults */
  readonly values: Readonly<Record<string, string>>;
  /** keys whose stored value our keys cannot read, with the reason */
  readonly unreadable: ReadonlyMap<string, string>;
}

export function sealMetadata(
  values: Readonly<Record<string, string>>,
  type: GatewayType,
  cipher: Cipher,
): StoredMetadata {
  const secrets = secretNames(type);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      secrets.has(name) ? { encrypted: cipher.encrypt(value) } : value,
    ]),
  );
}

export function openMetadata(stored: StoredMetadata, cipher: Cipher): OpenedMetadata {
  const values: Record<string, string> = {};
  const unreadable = new Map<string, string>();
  for (const [name, value] of Object.entries(stored)) {
    if (typeof value === 'string') {
      values[name] = value;
      continue;
    }
    const opened = openSecret(value.encrypted, cipher);
    if (opened.ok) values[name] = opened.value;
    else unreadable.set(name, opened.reason);
  }
  return { values, unreadable };
}

/** What facets get: what is stored, with the type's defaults filled in. */
export function withDefaults(values: Readonly<Record<string, string>>, type: GatewayType): Settings {
  const settings: Record<string, string | undefined> = {};
  for (const key of type.settings) if (key.default !== undefined) settings[key.name] = key.default;
  return { ...settings, ...values };
}

/** What people see. `inClear`: keys that this one answer shows. */
export function maskMetadata(
  opened: OpenedMetadata,
  type: GatewayType | undefined,
  inClear: ReadonlySet<string> = new Set(),
): Record<string, string> {
  const known = new Map(type?.settings.map((key) => [key.name, key]));
  const shown = Object.entries(opened.values).map(([name, value]): [string, string] => {
    const isOpen = known.get(name)?.secret === undefined || known.get(name)?.secret === false;
    return [name, (known.has(name) && isOpen) || inClear.has(name) ? value : mask(value)];
  });
  return Object.fromEntries([...shown, ...[...opened.unreadable.keys()].map((name) => [name, mask('')])]);
}

export type OpenedSecret =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string };

export function openSecret(encrypted: string, cipher: Cipher): OpenedSecret {
  try {
    return { ok: true, value: cipher.decrypt(encrypted) };
  } catch (error) {
    if (error instanceof SecretUnreadableError) return { ok: false, reason: error.message };
    throw error;
  }
}

function secretNames(type: GatewayType): ReadonlySet<string> {
  return new Set(type.settings.filter(({ secret }) => secret).map(({ name }) => name));
}
