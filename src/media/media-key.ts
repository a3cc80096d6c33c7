/** Keys of the queue `media`: what is to be carried, and the row that it is about. */
export type MediaKey = `fetch:${string}` | `upload:${string}`;

export function fetchKey(id: string): MediaKey {
  return `fetch:${id}`;
}

export function uploadKey(id: string): MediaKey {
  return `upload:${id}`;
}

export function parseKey(key: string): { readonly kind: 'fetch' | 'upload'; readonly id: string } | undefined {
  const [kind, id] = key.split(':');
  return (kind === 'fetch' || kind === 'upload') && id ? { kind, id } : undefined;
}
