import { join } from 'node:path';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import type { Config } from '../platform/config/config.js';
import type { Log } from '../platform/logging/log.js';
import { CONFIG, LOG } from '../platform/platform.tokens.js';
import { InboundMedia } from './inbound/inbound-media.service.js';
import { MediaFetcher } from './inbound/fetcher.service.js';
import { MediaLinksController } from './links/media-links.controller.js';
import { MediaLinks } from './links/media-links.service.js';
import { MediaCalls } from './media-calls.service.js';
import { MediaFileRepository } from './media-file.repository.js';
import { MediaUploadRepository } from './media-upload.repository.js';
import { MediaViews } from './media-views.service.js';
import { MEDIA_STAGING, MEDIA_STORE } from './media.tokens.js';
import { JudgeMedia } from './outbound/judge-media.service.js';
import { OutboundMedia } from './outbound/outbound-media.service.js';
import { MediaUploader } from './outbound/uploader.service.js';
import { MediaController } from './receive/media.controller.js';
import { OwnFiles } from './receive/own-files.service.js';
import type { MediaStore } from './storage/media-store.js';
import { mediaFolder, openStore } from './storage/open-store.js';
import { Staging } from './storage/staging.js';

const PROVIDERS = [
  MediaFileRepository,
  MediaUploadRepository,
  MediaLinks,
  MediaViews,
  MediaCalls,
  InboundMedia,
  MediaFetcher,
  OutboundMedia,
  JudgeMedia,
  MediaUploader,
];

/** Files of messages, both ways. */
@Module({
  imports: [AccessModule],
  controllers: [MediaController, MediaLinksController],
  providers: [
    ...PROVIDERS,
    OwnFiles,
    { provide: MEDIA_STORE, useFactory: (config: Config, log: Log) => openStore(config, log), inject: [CONFIG, LOG] },
    {
      provide: MEDIA_STAGING,
      useFactory: (config: Config) => new Staging(join(mediaFolder(config), 'incoming')),
      inject: [CONFIG],
    },
  ],
  exports: [...PROVIDERS, MEDIA_STORE, MEDIA_STAGING],
})
export class MediaModule implements OnApplicationShutdown {
  constructor(@Inject(MEDIA_STORE) private readonly store: MediaStore) {}

  onApplicationShutdown(): void {
    this.store.close();
  }
}
