import { Inject, Injectable } from '@nestjs/common';
import {
  type Content,
  type KnownFile,
  type MediaReference,
  type MediaType,
  type NamedMedia,
  type RemoteError,
  type TravellingFile,
  mapMedia,
  mediaOf,
} from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { isId } from '../../platform/ids/ids.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { MediaLinks } from '../links/media-links.service.js';
import type { MediaAccount } from '../media-calls.service.js';
import type { MediaError } from '../media-error.js';
import { type MediaFile, MediaFileRepository } from '../media-file.repository.js';
import { uploadKey } from '../media-key.js';
import { type MediaUploadRecord, MediaUploadRepository } from '../media-upload.repository.js';
import { MEDIA_STORE } from '../media.tokens.js';
import type { MediaStore } from '../storage/media-store.js';
import { LOST, type StoredFile, isStored, storedFile } from './stored-file.js';

/** What became of the files of a message that is about to leave; `files`: those that travel with it. */
export type Readiness =
  | { readonly status: 'ready'; readonly content: Content; readonly files?: ReadonlyMap<string, TravellingFile> }
  | { readonly status: 'waiting'; readonly detail: string; readonly until: Date }
  | { readonly status: 'failed'; readonly error: MediaError };

/** Who sends, as far as its files are concerned. `facet` absent: the network keeps no files, and takes our links. */
export type MediaSender = Pick<MediaAccount, 'account'> & { readonly facet: MediaAccount['facet'] | undefined };

/** How soon a message whose file is on its way looks again, in milliseconds; later ones wait longer, up to a minute. */
const LOOK_AGAIN_MS = 300;
const MAX_LOOK_AGAIN_MS = 60_000;

/** An upload that is older than this may have been forgotten, also when it was made for the very message. */
const FRESH_MS = 10 * 60_000;

/** Files of ours in messages that leave: the network knows them by ids of its own, which are made before and kept. */
@Injectable()
export class OutboundMedia {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly files: MediaFileRepository,
    private readonly uploads: MediaUploadRepository,
    private readonly links: MediaLinks,
    @Inject(MEDIA_STORE) private readonly store: MediaStore,
    @Inject(kickerToken(QUEUES.media)) private readonly work: Kicker,
  ) {}

  /** Whether a content names a file of ours: costs nothing, and most do not. */
  names(content: Content): boolean {
    return ownMedia(content).length > 0;
  }

  /**
   * The content in the network's words, if all its files are there. Those that are not are on their way from now on.
   *
   * @param since when the message was taken: what failed before that is tried once more for it
   */
  async prepare(content: Content, { account, facet }: MediaSender, since: Date): Promise<Readiness> {
    const own = ownMedia(content);
    const files = await this.files.findAll(
      this.database,
      own.map(({ id }) => id),
    );
    const now = this.clock.now();
    const hashes = [...files.values()].flatMap(({ sha256 }) => sha256 ?? []);
    const uploads = await this.uploads.find(this.database, account.id, facet?.upload ? hashes : []);
    const references = new Map<string, MediaReference>();
    const travelling = new Map<string, TravellingFile>();
    for (const { id, type } of own) {
      const file = files.get(id);
      const unready = fileUnready(file, now);
      if (unready || !file) return unready ?? { status: 'failed', error: UNKNOWN };
      if (!facet) {
        references.set(id, withName({ url: this.links.to(id) }, file, type));
        continue;
      }
      if (!facet.upload) {
        const stored = storedOf(file);
        if (!(await isStored(this.store, stored.sha256))) return { status: 'failed', error: LOST };
        references.set(id, withName({ id, mimeType: stored.mimeType }, file, type));
        const known = await this.uploads.known(this.database, account.id, stored.sha256, now);
        travelling.set(id, { ...storedFile(this.store, stored), known });
        continue;
      }
      const upload = uploads.get(file.sha256 ?? '');
      const notThere = await this.uploadUnready(file, upload, account.id, since, now);
      if (notThere || upload?.providerId === undefined) return notThere ?? waiting(upload, now);
      references.set(id, withName({ id: upload.providerId }, file, type));
    }
    await this.files.touch(this.database, [...files.keys()], now);
    const named = mapMedia(content, (media) => {
      const known = media.id === undefined ? undefined : references.get(media.id);
      return known ? { ...known, ...(media.filename !== undefined && { filename: media.filename }) } : media;
    });
    return { status: 'ready', content: named, ...(travelling.size > 0 && { files: travelling }) };
  }

  /** Files that travelled with a message need not travel again, as long as the network keeps them. */
  async remember(known: readonly KnownFile[], { account, facet }: MediaSender): Promise<void> {
    if (!facet || known.length === 0) return;
    const files = await this.files.findAll(
      this.database,
      known.map(({ id }) => id),
    );
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + facet.lives.uploadMs);
    for (const one of known) {
      const file = files.get(one.id);
      if (!file) continue;
      await this.uploads.remember(this.database, { accountId: account.id, ...storedOf(file) }, one, now, expiresAt);
    }
  }

  /**
   * After a refusal that an upload may be the cause of: forgets the uploads that are not fresh. True when there were any: the
   * message is then worth another try, with new ones.
   */
  async forget(
    sql: Sql,
    content: Content,
    { account, facet }: MediaSender,
    remote: RemoteError,
    since: Date,
  ): Promise<boolean> {
    const own = ownMedia(content);
    if (own.length === 0 || !facet?.isAboutUpload(remote)) return false;
    const files = await this.files.findAll(
      sql,
      own.map(({ id }) => id),
    );
    const hashes = [...files.values()].flatMap(({ sha256 }) => sha256 ?? []);
    const before = Math.max(since.getTime(), this.clock.now().getTime() - FRESH_MS);
    return (await this.uploads.forget(sql, account.id, hashes, new Date(before))) > 0;
  }

  private async uploadUnready(
    file: MediaFile,
    upload: MediaUploadRecord | undefined,
    accountId: string,
    since: Date,
    now: Date,
  ): Promise<Readiness | undefined> {
    const isExpired = upload?.expiresAt !== undefined && upload.expiresAt <= now;
    if (upload?.state === 'ready' && !isExpired) return undefined;
    const isOver = upload?.state === 'failed' && upload.nextAt === undefined;
    if (isOver && upload.settledAt && upload.settledAt >= since) {
      return { status: 'failed', error: upload.error ?? UNKNOWN };
    }
    if (!upload || isExpired || isOver) {
      const { sha256 = '', size = 0, mimeType = '', filename } = file;
      const wanted = { accountId, sha256, size, mimeType, ...(filename !== undefined && { filename }) };
      this.work.kick(uploadKey(await this.uploads.want(this.database, wanted, now)));
      return waiting(undefined, now);
    }
    return waiting(upload, now);
  }
}

const UNKNOWN: MediaError = { code: 'media.unknown', detail: 'There is no such file, or no longer.' };

function storedOf({ sha256 = '', mimeType = '', size = 0, filename }: MediaFile): StoredFile {
  return { sha256, mimeType, size, ...(filename !== undefined && { filename }) };
}

interface OwnMedia extends NamedMedia {
  readonly id: string;
}

/** Ids of ours are UUIDs of version 7; networks have others. */
export function ownMedia(content: Content): readonly OwnMedia[] {
  return mediaOf(content).flatMap((named) => {
    const { id } = named.media;
    return id !== undefined && isId(id) ? [{ ...named, id }] : [];
  });
}

function fileUnready(file: MediaFile | undefined, now: Date): Readiness | undefined {
  if (!file) return { status: 'failed', error: UNKNOWN };
  if (file.state === 'ready') return undefined;
  const { error, nextAt } = file;
  if (file.state === 'failed' && nextAt === undefined) return { status: 'failed', error: error ?? UNKNOWN };
  const detail = error ? `Its file is still being fetched: ${error.detail}` : 'Its file is still being fetched.';
  return { status: 'waiting', detail, until: soon(file.createdAt, now) };
}

function waiting(upload: MediaUploadRecord | undefined, now: Date): Readiness {
  const why = upload?.error ? ` ${upload.error.detail}` : '';
  const detail = `Its file is on its way to the network.${why}`;
  return { status: 'waiting', detail, until: soon(upload?.createdAt ?? now, now) };
}

/** The longer it takes, the longer it may take. */
function soon(since: Date, now: Date): Date {
  const ageMs = now.getTime() - since.getTime();
  return new Date(now.getTime() + Math.min(MAX_LOOK_AGAIN_MS, Math.max(LOOK_AGAIN_MS, ageMs / 4)));
}

/** People see the name of a document, and of nothing else. */
function withName(reference: MediaReference, { filename }: MediaFile, type: MediaType): MediaReference {
  return { ...reference, ...(type === 'document' && filename !== undefined && { filename }) };
}
