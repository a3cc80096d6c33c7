import { Inject, Injectable } from '@nestjs/common';
import { type Content, type MediaFacet, type MediaReference, isMedia } from '../../contract/index.js';
import type { Sql } from '../../platform/database/database.js';
import { newId } from '../../platform/ids/ids.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { MediaLinks } from '../links/media-links.service.js';
import { MediaFileRepository, type NewMediaFile } from '../media-file.repository.js';
import { fetchKey } from '../media-key.js';
import { readDigest } from '../read-digest.js';
import { safeName } from '../safe-name.js';

/** Where a customer's file stands. */
export interface InboundPlace {
  readonly gatewayId: string;
  readonly accountId: string;
  readonly messageId: string;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
}

export interface OwnContent {
  /** names the file by our id */
  readonly content: Content;
  readonly file?: NewMediaFile;
}

/** Customers' files: each gets an id of ours with its message, in the same transaction, and is fetched after it. */
@Injectable()
export class InboundMedia {
  constructor(
    private readonly files: MediaFileRepository,
    private readonly links: MediaLinks,
    @Inject(kickerToken(QUEUES.media)) private readonly work: Kicker,
  ) {}

  /** A content without a file, or of a network that keeps none, stays as it is. */
  own(content: Content, facet: MediaFacet | undefined, place: InboundPlace, now: Date): OwnContent {
    if (!facet || !isMedia(content)) return { content };
    const { id: providerId, url, filename, sha256, ...rest } = content.media;
    if (providerId === undefined && url === undefined) return { content };
    const { gatewayId, accountId, messageId, occurredAt, receivedAt } = place;
    const id = newId(now);
    const name = safeName(filename);
    const digest = readDigest(sha256);
    const told = digest ?? sha256;
    const media: MediaReference = {
      id,
      ...rest,
      ...(providerId !== undefined && { providerId }),
      ...(told !== undefined && { sha256: told }),
      ...(name !== undefined && { filename: name }),
    };
    const file: NewMediaFile = {
      id,
      createdAt: now,
      gatewayId,
      accountId,
      messageId,
      until: new Date(occurredAt.getTime() + facet.lives.inboundIdMs),
      ...(providerId !== undefined && { providerId }),
      ...(url !== undefined && {
        providerUrl: url,
        urlUntil: new Date(receivedAt.getTime() + facet.lives.inboundUrlMs),
      }),
      ...(rest.mimeType !== undefined && { mimeType: rest.mimeType }),
      ...(digest !== undefined && { toldSha256: digest }),
      ...(name !== undefined && { filename: name }),
    };
    return { content: { ...content, media }, file };
  }

  /** As the bot is told: with a link that works as soon as the file is here. */
  told({ content, file }: OwnContent): Content {
    if (!file || !isMedia(content)) return content;
    return { ...content, media: { ...content.media, url: this.links.to(file.id), state: 'pending' } };
  }

  insert(sql: Sql, files: readonly NewMediaFile[]): Promise<void> {
    return this.files.insert(sql, files);
  }

  /** After the commit; a kick that is lost is made good by the sweeper. */
  wake(ids: Iterable<string>): void {
    for (const id of ids) this.work.kick(fetchKey(id));
  }
}
