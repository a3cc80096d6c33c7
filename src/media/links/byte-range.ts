import type { ByteRange } from '../storage/media-store.js';

/**
 * The one range that a request asks for (RFC 9110, 14.2). undefined: the whole file, also where the header is not understood or
 * names several; `none`: it lies outside of the file.
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined | 'none' {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < from) return undefined;
  return from >= size || (first === '' && Number(last) === 0) ? 'none' : { from, to };
}
