import { judgeSize } from './judge.js';
import { badRequest, type Json, type SimFile } from './types.js';

/** What bots may fetch (core.telegram.org/bots/api, getFile). */
const MOST_BYTES = 20 * 1024 * 1024;

/** A file in a message: as everybody sees it, and its bytes, where it is not at a link. */
export interface PlacedFile {
  readonly view: unknown;
  readonly bytes?: Buffer;
}

/** Files by their ids; an id keeps the kind that it was made for. */
export class Files {
  private readonly byId = new Map<string, SimFile>();
  private readonly byPath = new Map<string, SimFile>();

  /** @returns how it stands in a message */
  put(kind: string, bytes: Buffer, mimeType: string, filename?: string): PlacedFile {
    judgeSize(kind, bytes.length);
    return this.add(kind, bytes, mimeType, filename);
  }

  /** Without a look at its size: what people send may be larger than what bots may. */
  add(kind: string, bytes: Buffer, mimeType: string, filename?: string): PlacedFile {
    const number = this.byId.size + 1;
    const id = `AgACAgIAAxkBAAIB${String(number).padStart(8, '0')}QAD_${kind}`;
    const path = `${kind}s/file_${number}${kind === 'photo' ? '.jpg' : ''}`;
    const file: SimFile = { id, kind, bytes, path };
    this.byId.set(id, file);
    this.byPath.set(path, file);
    const view: Json = { file_id: id, file_unique_id: `AQAD${number}`, file_size: bytes.length };
    if (kind === 'photo') return { view: [{ ...view, width: 90, height: 90 }], bytes };
    const named = { ...view, mime_type: mimeType, ...(filename !== undefined && { file_name: filename }) };
    return {
      view: kind === 'sticker' ? { ...view, type: 'regular', is_animated: false, is_video: false } : named,
      bytes,
    };
  }

  /** By an id of ours, or a link that Telegram would fetch: here it only has to look like one. */
  named(kind: string, value: unknown): PlacedFile {
    if (typeof value !== 'string' || value === '') throw badRequest(`there is no ${kind} in the request`);
    if (/^https?:\/\//.test(value)) return { view: { link: value } };
    const file = this.byId.get(value);
    if (!file) throw badRequest('wrong file identifier/HTTP URL specified');
    if (file.kind !== kind) throw badRequest(`can't use file of type ${file.kind} as ${kind}`);
    return { view: kind === 'photo' ? [{ file_id: file.id }] : { file_id: file.id }, bytes: file.bytes };
  }

  /** As getFile answers. */
  find(id: unknown): Json {
    const file = this.byId.get(String(id));
    if (!file) throw badRequest('wrong file_id or the file is temporarily unavailable');
    if (file.bytes.length > MOST_BYTES) throw badRequest('file is too big');
    return { file_id: file.id, file_unique_id: file.id, file_size: file.bytes.length, file_path: file.path };
  }

  at(path: string): SimFile | undefined {
    return this.byPath.get(path);
  }
}
