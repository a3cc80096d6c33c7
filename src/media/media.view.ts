import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { MediaReference, MediaState } from '../contract/index.js';
import type { MediaFile } from './media-file.repository.js';

export class MediaErrorView {
  @ApiProperty({ type: String })
  code!: string;

  @ApiProperty({ type: String })
  detail!: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'when it is tried again; absent: never' })
  retryAt?: string;
}

/** A file as the API shows it. */
export class MediaView {
  @ApiProperty({ type: String, format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['pending', 'ready', 'failed'] })
  state!: MediaState;

  @ApiProperty({ type: String, description: 'a signed link that works for a while, as soon as the file is there' })
  url!: string;

  @ApiPropertyOptional({ type: String })
  mimeType?: string;

  @ApiPropertyOptional({ type: Number, description: 'bytes' })
  size?: number;

  @ApiPropertyOptional({ type: String, description: 'hex' })
  sha256?: string;

  @ApiPropertyOptional({ type: String })
  filename?: string;

  @ApiPropertyOptional({ type: MediaErrorView })
  error?: MediaErrorView;
}

export function mediaView(file: MediaFile, url: string): MediaView {
  const { id, mimeType, size, filename, error, nextAt, state } = file;
  const sha256 = file.sha256 ?? file.toldSha256;
  return {
    id,
    state,
    url,
    ...(mimeType !== undefined && { mimeType }),
    ...(size !== undefined && { size }),
    ...(sha256 !== undefined && { sha256 }),
    ...(filename !== undefined && { filename }),
    ...(state === 'failed' && error && { error: { ...error, ...(nextAt && { retryAt: nextAt.toISOString() }) } }),
  };
}

/** A file that is no longer kept, as the message that named it shows it. */
export function removedMedia(media: MediaReference): MediaReference {
  return { ...media, state: 'failed', error: { code: 'media.removed', detail: 'It is no longer kept.' } };
}
