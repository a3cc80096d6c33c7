import { createHash } from 'node:crypto';

const SCHEME = 'in-process:';

/** In the place of a webhook's URL: a listener inside the process of a host application. Nobody can give it over HTTP. */
export function listenerUrl(name: string): string {
  return SCHEME + name;
}

/** Undefined for a URL that is called. */
export function listenerNameOf(url: string): string | undefined {
  return url.startsWith(SCHEME) ? url.slice(SCHEME.length) : undefined;
}

/** One name has one id, in every process: however many declare the listener at the same moment, it is one row. */
export function listenerId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `00000000-0000-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}
