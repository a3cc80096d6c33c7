import { Injectable } from '@nestjs/common';
import { type Content, type MediaReference, mapMedia } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import { MediaLinks } from './links/media-links.service.js';
import { MediaFileRepository } from './media-file.repository.js';
import { mediaView, removedMedia } from './media.view.js';
import { ownMedia } from './outbound/outbound-media.service.js';

export type ShowContent = (content: Content) => Content;

/** Contents as people and bots see them: files of ours with their state and a link. */
@Injectable()
export class MediaViews {
  constructor(
    private readonly files: MediaFileRepository,
    private readonly links: MediaLinks,
  ) {}

  /** One look-up for all of them, and none where no file of ours is named. */
  async of(sql: Sql, contents: readonly Content[]): Promise<ShowContent> {
    const ids = contents.flatMap((content) => ownMedia(content).map(({ id }) => id));
    const files = await this.files.findAll(sql, [...new Set(ids)]);
    return (content) =>
      this.show(content, (id, media) => {
        const file = files.get(id);
        if (!file) return removedMedia(media);
        const view: MediaReference = mediaView(file, this.links.to(id));
        return { ...media, ...view };
      });
  }

  /** Without a look-up: a link, and no word of the state. */
  readonly linked: ShowContent = (content) => this.show(content, (id, media) => ({ ...media, url: this.links.to(id) }));

  private show(content: Content, change: (id: string, media: MediaReference) => MediaReference): Content {
    const own = new Set(ownMedia(content).map(({ id }) => id));
    if (own.size === 0) return content;
    return mapMedia(content, (media) =>
      media.id !== undefined && own.has(media.id) ? change(media.id, media) : media,
    );
  }
}
