import { Controller, Get, Inject, Param, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { ProblemFilter } from '../../platform/http/problem.filter.js';
import { isId } from '../../platform/ids/ids.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { type MediaFile, MediaFileRepository } from '../media-file.repository.js';
import { fetchKey } from '../media-key.js';
import { MEDIA_STORE } from '../media.tokens.js';
import type { MediaStore } from '../storage/media-store.js';
import { readRange } from './byte-range.js';
import { MediaLinks } from './media-links.service.js';

/** What a browser only shows, and never runs. */
const SHOWN = /^(?:image\/(?:jpeg|png|gif|webp)|audio\/[\w.+-]+|video\/[\w.+-]+)(?:;|$)/;

/** Files, to whoever has a link of ours. Strangers sent them: nothing in them may act in the name of this host. */
@Controller('media')
@UseFilters(ProblemFilter)
@ApiTags('media')
export class MediaLinksController {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly files: MediaFileRepository,
    private readonly links: MediaLinks,
    @Inject(MEDIA_STORE) private readonly store: MediaStore,
    @Inject(kickerToken(QUEUES.media)) private readonly work: Kicker,
  ) {}

  @Get(':id')
  @ApiOperation({ summary: 'A file, by a signed link; no key is needed' })
  async read(
    @Param('id') id: string,
    @Query('exp') exp: unknown,
    @Query('sig') sig: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const verdict = this.links.judge(id, exp, sig);
    if (verdict === 'expired') {
      throw new Problem(403, 'media.link.expired', 'This link is over. The message shows a new one.');
    }
    if (verdict === 'forged' || !isId(id)) throw new Problem(403, 'media.link.forged', 'This link is none of ours.');
    const file = await this.files.find(this.database, id);
    const { size, sha256 } = this.requireReady(file, id);
    const range = readRange(request.headers.range, size);
    response.set(headersOf(file as MediaFile));
    if (range === 'none') {
      response.status(416).set('Content-Range', `bytes */${size}`).end();
      return;
    }
    const stream = await this.store.open(sha256, range);
    if (!stream) {
      throw new Problem(
        404,
        'media.lost',
        'The file is not where files are kept. With several hosts MEDIA_URL must be set on all of them.',
      );
    }
    if (range) response.status(206).set('Content-Range', `bytes ${range.from}-${range.to}/${size}`);
    response.set('Content-Length', String(range ? range.to - range.from + 1 : size));
    if (request.method === 'HEAD') {
      stream.destroy();
      response.end();
      return;
    }
    // Who goes away in the middle is no fault of ours.
    await pipeline(stream, response).catch(() => response.destroy());
  }

  /** @throws Problem 404 for what is gone or will never come, 425 for what is on its way */
  private requireReady(file: MediaFile | undefined, id: string): { size: number; sha256: string } {
    if (!file) throw new Problem(404, 'media.removed', 'The file is no longer kept.');
    const { state, size = 0, sha256, nextAt, error } = file;
    if (state === 'ready' && sha256 !== undefined) return { size, sha256 };
    if (state === 'failed' && !nextAt) {
      throw new Problem(404, 'media.failed', `The file could not be fetched: ${error?.detail ?? ''}`);
    }
    const waitMs = (nextAt?.getTime() ?? 0) - this.clock.now().getTime();
    if (waitMs <= 0) this.work.kick(fetchKey(id));
    const detail = error ? `It is tried again: ${error.detail}` : 'Ask again in a moment.';
    // While somebody carries it, the time is that of his lease.
    const seconds = state === 'failed' ? Math.max(1, Math.ceil(waitMs / 1_000)) : 1;
    throw new Problem(425, 'media.pending', `The file is still being fetched. ${detail}`, undefined, {
      'Retry-After': String(seconds),
    });
  }
}

function headersOf({ mimeType = 'application/octet-stream', filename, sha256 }: MediaFile): Record<string, string> {
  return {
    'Content-Type': mimeType,
    'Content-Disposition': disposition(SHOWN.test(mimeType) ? 'inline' : 'attachment', filename),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, max-age=3600',
    ETag: `"${sha256}"`,
  };
}

/** RFC 6266: a plain name for old clients, and the whole one. */
function disposition(kind: 'inline' | 'attachment', filename: string | undefined): string {
  if (filename === undefined) return kind;
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(filename).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${whole}`;
}
