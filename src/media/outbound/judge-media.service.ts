import { Inject, Injectable } from '@nestjs/common';
import { type Capabilities, type Content, type MediaReference, mapMedia, mediaOf } from '../../contract/index.js';
import { judgeUrl } from '../../gateway/judge-target.js';
import { CONFIG } from '../../platform/platform.tokens.js';
import type { Config } from '../../platform/config/config.js';
import { Database } from '../../platform/database/database.js';
import { isId } from '../../platform/ids/ids.js';
import { Problem } from '../../platform/problem/problem.js';
import { MediaLinks } from '../links/media-links.service.js';
import { type MediaFile, MediaFileRepository } from '../media-file.repository.js';
import { baseType } from '../storage/type-of.js';
import { ownMedia } from './outbound-media.service.js';

/** A content that somebody wants sent, and by whose rules. */
export interface JudgedContent {
  /** where it stands in what the caller wrote: `content`, `fallback` */
  readonly path: string;
  readonly content: Content;
  readonly gatewayId: string;
  readonly capabilities: Capabilities;
}

/** What can be said of the files of a message before it is taken: whether they exist, fit, and may be fetched by others. */
@Injectable()
export class JudgeMedia {
  constructor(
    private readonly database: Database,
    private readonly files: MediaFileRepository,
    private readonly links: MediaLinks,
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'allowPrivateUrls'>,
  ) {}

  /**
   * The content with files of ours named by their ids alone, also where the caller gave a link of ours; or why it is refused.
   * Any number of contents costs one look-up, and none where no file of ours is named.
   */
  async judgeAll(judged: readonly JudgedContent[]): Promise<readonly (Content | Problem)[]> {
    const contents = judged.map(({ content }) => mapMedia(content, (media) => this.own(media)));
    const ids = contents.flatMap((content) => ownMedia(content).map(({ id }) => id));
    const files = await this.files.findAll(this.database, ids);
    return judged.map((one, index) => {
      const content = contents[index] ?? one.content;
      return this.linksProblem({ ...one, content }) ?? filesProblem({ ...one, content }, files) ?? content;
    });
  }

  private own({ id, url, filename, mimeType, sha256, size }: MediaReference): MediaReference {
    const own = id !== undefined && isId(id) ? id : id === undefined ? this.idIn(url) : undefined;
    const name = filename !== undefined && { filename };
    if (own !== undefined) return { id: own, ...name };
    return {
      ...(id !== undefined && { id }),
      ...(url !== undefined && { url }),
      ...name,
      ...(mimeType !== undefined && { mimeType }),
      ...(sha256 !== undefined && { sha256 }),
      ...(size !== undefined && { size }),
    };
  }

  private idIn(url: string | undefined): string | undefined {
    if (!url?.startsWith(`${this.config.publicUrl}/media/`) || !URL.canParse(url)) return undefined;
    const { pathname, searchParams } = new URL(url);
    const id = pathname.split('/').at(-1) ?? '';
    return this.links.judge(id, searchParams.get('exp'), searchParams.get('sig')) === 'good' ? id : undefined;
  }

  private linksProblem({ path, content }: JudgedContent): Problem | undefined {
    for (const { media, path: below } of mediaOf(content)) {
      if (media.id !== undefined || media.url === undefined) continue;
      try {
        judgeUrl(media.url, `${path}.${below}.url`, 'media', this.config.allowPrivateUrls);
      } catch (error) {
        if (error instanceof Problem) return error;
        throw error;
      }
    }
    return undefined;
  }
}

function filesProblem(
  { path, content, gatewayId, capabilities }: JudgedContent,
  files: ReadonlyMap<string, MediaFile>,
): Problem | undefined {
  for (const { id, type, path: below } of ownMedia(content)) {
    const at = `${path}.${below}.id`;
    const file = files.get(id);
    if (!file || (file.gatewayId !== null && file.gatewayId !== gatewayId)) {
      return refused(at, 'media.unknown', 'names no file that this gateway may send');
    }
    if (file.state === 'failed' && !file.nextAt) {
      return refused(at, 'media.failed', `names a file that could not be fetched: ${file.error?.detail ?? ''}`);
    }
    const limits = capabilities.media[type];
    if (file.state !== 'ready' || !limits) continue;
    const { size = 0, mimeType = '' } = file;
    if (size > limits.maxBytes) {
      return refused(at, 'media.too_large', `has ${size} bytes; ${type} may have ${limits.maxBytes}`);
    }
    if (limits.mimeTypes && !limits.mimeTypes.includes(baseType(mimeType))) {
      return refused(at, 'media.type', `is ${mimeType}; ${type} may be ${limits.mimeTypes.join(', ')}`);
    }
  }
  return undefined;
}

function refused(path: string, code: string, message: string): Problem {
  return new Problem(422, code, `${path} ${message}.`, [{ path, code, message: `${path} ${message}` }]);
}
