import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';

const UNKNOWN = 'application/octet-stream';

/** What a browser would run or render with power of its own: never the type that we call a file by. */
const ACTIVE = /^(?:text\/(?:html|xml|javascript|css)|application\/(?:xhtml\+xml|xml|javascript|ecmascript)|.*\+xml)$/;

/** Containers: what is in them only their name says. */
const CONTAINERS: Readonly<Record<string, RegExp>> = {
  'application/zip': /^application\/(?:vnd\.|epub|java-archive)/,
  'application/x-cfb': /^application\/(?:vnd\.|msword|x-?ms)/,
  'video/mp4': /^audio\/mp4$/,
  'video/3gpp': /^audio\/(?:3gpp|amr)$/,
  'audio/ogg': /^audio\/ogg/,
};

/** One kind, several names. */
const NAMES: Readonly<Record<string, string>> = {
  'audio/x-m4a': 'audio/mp4',
  'audio/m4a': 'audio/mp4',
  'audio/mp3': 'audio/mpeg',
  'audio/opus': 'audio/ogg',
  'image/jpg': 'image/jpeg',
};

/** Without parameters, in lower case, by its usual name. */
export function baseType(mimeType: string | null | undefined): string {
  const base = (mimeType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return NAMES[base] ?? base;
}

/**
 * What a file is, by its own first bytes; what was said of it counts only where those say nothing. The parameters of what was
 * said (`codecs=opus`) are kept where it is the same kind.
 */
export async function typeOf(path: string, told: string | undefined): Promise<string> {
  const said = baseType(told);
  const found = baseType((await fileTypeFromFile(path))?.mime);
  if (found !== '') {
    if (found === said || CONTAINERS[found]?.test(said)) return asTold(told, said);
    return ACTIVE.test(found) ? UNKNOWN : found;
  }
  if (ACTIVE.test(said) || !/^[a-z]+\/[\w.+-]+$/.test(said)) return (await isText(path)) ? 'text/plain' : UNKNOWN;
  return asTold(told, said);
}

/** With its parameters, where it is written by its usual name and nothing in it could break a header. */
function asTold(told: string | undefined, said: string): string {
  const isClean = told !== undefined && /^[\x20-\x7e]{1,100}$/.test(told);
  return isClean && told.trim().toLowerCase().startsWith(said) ? told.trim() : said;
}

async function isText(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4_096), 0, 4_096, 0);
    const head = buffer.subarray(0, bytesRead);
    // A character may be cut in two at the end.
    return !head.includes(0) && [0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));
  } finally {
    await file.close();
  }
}
