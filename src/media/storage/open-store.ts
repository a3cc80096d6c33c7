import { join } from 'node:path';
import type { Config } from '../../platform/config/config.js';
import type { Log } from '../../platform/logging/log.js';
import { LocalStore } from './local-store.js';
import type { MediaStore } from './media-store.js';

type Place = Pick<Config, 'dataDir' | 'databaseUrl' | 'mediaUrl'>;

export function mediaFolder({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'media');
}

/** AWS's client is large: it is loaded only where a bucket is named. */
export async function openStore(config: Place, log: Pick<Log, 'warn'>): Promise<MediaStore> {
  if (config.mediaUrl) {
    const { S3Store } = await import('./s3-store.js');
    return new S3Store(config.mediaUrl);
  }
  const folder = mediaFolder(config);
  if (config.databaseUrl !== undefined) {
    log.warn(
      { folder },
      'files of messages are kept in a folder of this host: processes on other hosts cannot read them. Set MEDIA_URL, or share the folder',
    );
  }
  return new LocalStore(folder);
}
