import type { PersonIdentity } from '../contract/index.js';

export type IdentityKind = 'phone' | 'user' | 'username';

/** One name of a person, within the scope in which it is unique. */
export interface IdentityKey {
  readonly kind: IdentityKind;
  readonly scope: string;
  readonly value: string;
}

/** Where a person was met: phones are unique in a channel, a network's own ids in what the network scopes them to. */
export interface PersonScope {
  readonly channel: string;
  /** portfolio where known, else the account's group */
  readonly realm: string;
}

export interface Person extends PersonIdentity {
  readonly scope: PersonScope;
}

/** A profile may hold what PostgreSQL has no place for in a text; that must not cost the message that it came with. */
export function storable(identity: PersonIdentity): PersonIdentity {
  const { name, username } = identity;
  return {
    ...identity,
    ...(name !== undefined && { name: replaceUnstorable(name) }),
    ...(username !== undefined && { username: replaceUnstorable(username) }),
  };
}

function replaceUnstorable(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, '\ufffd');
}

export function phoneKey(scope: PersonScope, phone: string): IdentityKey {
  return { kind: 'phone', scope: scope.channel, value: phone };
}

export function userKey(scope: PersonScope, userId: string): IdentityKey {
  return { kind: 'user', scope: `${scope.channel}:${scope.realm}`, value: userId };
}

export function usernameKey(scope: PersonScope, username: string): IdentityKey {
  return { kind: 'username', scope: scope.channel, value: username };
}

export function keyText({ kind, scope, value }: IdentityKey): string {
  return `${kind}\u001f${scope}\u001f${value}`;
}

/** The keys by which a person is found again, the strongest first. A username is no key: it changes hands. */
export function lookupKeys(person: Person): readonly IdentityKey[] {
  const keys: IdentityKey[] = [];
  if (person.userId) keys.push(userKey(person.scope, person.userId));
  if (person.phone) keys.push(phoneKey(person.scope, person.phone));
  for (const alias of person.aliases ?? []) if (alias !== person.phone) keys.push(phoneKey(person.scope, alias));
  return keys;
}
