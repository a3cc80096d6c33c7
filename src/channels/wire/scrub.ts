import type { RemoteError } from '../../contract/index.js';
import { defined } from './read-json.js';

/** Anything shorter is a word that a message may well contain, and no secret worth the name. */
const SHORTEST_SECRET = 8;

/** Networks repeat what they were given (Meta: "Malformed access token EAA…"): no secret may leave in an error. */
export function scrub(text: string, secrets: readonly (string | undefined)[]): string {
  const hidden = secrets.filter((secret) => secret !== undefined && secret.length >= SHORTEST_SECRET) as string[];
  return hidden.reduce((clean, secret) => clean.replaceAll(secret, '••••'), text);
}

export function scrubError(remote: RemoteError, secrets: readonly (string | undefined)[]): RemoteError {
  return defined({
    ...remote,
    message: scrub(remote.message, secrets),
    details: remote.details === undefined ? undefined : scrub(remote.details, secrets),
  });
}
