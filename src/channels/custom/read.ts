import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type PersonIdentity,
  type Settings,
} from '../../contract/index.js';

/** An item that cannot be used, with the reason; never leaves `parse`. */
export class Broken extends Error {}

/** What databases and headers take as a name: no control characters, no halves of surrogate pairs. */
const ID = /^[^\p{Cc}\p{Cs}]{1,256}$/u;

/** Later than this, seconds are no seconds. */
const YEAR_2100 = 4_102_444_800;

/** An id: a string, or a number that JSON did not round. */
export function asId(value: unknown): string | undefined {
  const id = Number.isSafeInteger(value) ? String(value) : value;
  return typeof id === 'string' && ID.test(id) ? id : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function needId(value: unknown, name: string): string {
  const id = asId(value);
  if (id === undefined) throw new Broken(`${name} must be a text of 1 to 256 characters`);
  return id;
}

/** ISO 8601 with its zone, or seconds or milliseconds since 1970. */
export function needTime(value: JsonValue | undefined): Date {
  const ms = typeof value === 'number' ? (value < YEAR_2100 ? value * 1_000 : value) : parseIso(value);
  if (!(ms > 0 && ms < YEAR_2100 * 1_000)) {
    throw new Broken('at must be a time, such as "2026-11-20T12:00:00Z" or seconds since 1970');
  }
  return new Date(Math.floor(ms));
}

function parseIso(value: JsonValue | undefined): number {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? Date.parse(value) : NaN;
}

/** A person by what the other system calls them, or by phone; a bare text is the system's own id. */
export function needPerson(value: JsonValue | undefined): PersonIdentity {
  const given = isJsonObject(value) ? value : { userId: value };
  const userId = asId(given['userId']);
  const phone = asId(given['phone'])?.replace(/^\+|[\s().-]/g, '');
  if (phone !== undefined && !/^\d{3,20}$/.test(phone)) throw new Broken('from.phone must be the digits of a number');
  if (userId === undefined && phone === undefined) throw new Broken('from must name a userId or a phone');
  const [name, username] = [asText(given['name']), asText(given['username'])];
  return {
    ...(phone !== undefined && { phone }),
    ...(userId !== undefined && { userId }),
    ...(username !== undefined && { username }),
    ...(name !== undefined && { name }),
  };
}

/** The accounts that the metadata name, as `id` or `id=Name`; without any, the gateway itself is the one. */
export function accountsOf(
  settings: Settings,
  gateway: { readonly uri: string },
): readonly { readonly address: string; readonly name: string }[] {
  const given = (settings['accounts'] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const at = entry.indexOf('=');
      const address = (at < 0 ? entry : entry.slice(0, at)).trim();
      return { address, name: (at < 0 ? '' : entry.slice(at + 1)).trim() || address };
    });
  return given.length > 0 ? given : [{ address: groupOf(gateway), name: gateway.uri }];
}

/** What all accounts of a gateway belong to; a URI may have slashes, and no dots. */
export function groupOf({ uri }: { readonly uri: string }): string {
  return uri.replaceAll('/', '.');
}

/** An object without the members that are undefined. */
export function defined(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
