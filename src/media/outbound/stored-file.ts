import type { MediaUpload } from '../../contract/index.js';
import type { MediaError } from '../media-error.js';
import type { MediaStore } from '../storage/media-store.js';

/** A file of ours, read where it is kept as often as somebody wants it. */
export interface StoredFile {
  readonly sha256: string;
  readonly mimeType: string;
  readonly filename?: string;
  /** bytes */
  readonly size: number;
}

export const LOST: MediaError = {
  code: 'media.lost',
  detail: 'Its bytes are not where files are kept; with several hosts MEDIA_URL must be set.',
};

/** @param isEnding asked before each piece: a transfer that is cut off is made again by somebody else */
export function storedFile(
  store: MediaStore,
  { mimeType, filename, size, sha256 }: StoredFile,
  isEnding: () => boolean = () => false,
): MediaUpload {
  async function* read(): AsyncGenerator<Uint8Array> {
    const stream = await store.open(sha256);
    if (!stream) throw new Error('the file has gone');
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (isEnding()) throw new Error('this process stops');
      yield chunk;
    }
  }
  return { mimeType, size, read, ...(filename !== undefined && { filename }) };
}

/** Whether its bytes are where files are kept: with several hosts, only where they share them. */
export async function isStored(store: MediaStore, sha256: string): Promise<boolean> {
  const probe = await store.open(sha256, { from: 0, to: 0 });
  probe?.destroy();
  return probe !== undefined;
}
