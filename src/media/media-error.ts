import type { RemoteError } from '../contract/index.js';

/** Why a file could not be carried. */
export interface MediaError {
  /** ours and append-only: `media.gone`, `media.hash_mismatch`, `media.too_large`, … */
  readonly code: string;
  readonly detail: string;
}

export function remoteMediaError(code: string, remote: RemoteError): MediaError {
  return { code, detail: `The network refused: ${remote.details ?? remote.message} (${remote.code}).` };
}
