import type { Readable } from 'node:stream';

/** Part of a file: both ends belong to it, counted from 0. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Where the bytes of files are, under the SHA-256 (hex) of what is in them: the same file twice is kept once. */
export interface MediaStore {
  /** Keeps what is at `path`, all of it or nothing; the file there may be moved away. Keeping it again changes nothing. */
  put(sha256: string, file: { readonly path: string; readonly size: number; readonly mimeType: string }): Promise<void>;
  /** undefined when it is not there */
  open(sha256: string, range?: ByteRange): Promise<Readable | undefined>;
  /** also when it is not there */
  remove(sha256: string): Promise<void>;
  close(): void;
}
