import { Inject, Injectable } from '@nestjs/common';
import type { CallOutcome, FetchedMedia, MediaSource } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Log } from '../../platform/logging/log.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { LOG } from '../../platform/platform.tokens.js';
import { type MediaAccount, MediaCalls } from '../media-calls.service.js';
import { type MediaError, remoteMediaError } from '../media-error.js';
import { type MediaFile, MediaFileRepository } from '../media-file.repository.js';
import { MEDIA_STAGING, MEDIA_STORE } from '../media.tokens.js';
import { readDigest } from '../read-digest.js';
import { RENEW_MS, waitMs } from '../retry-plan.js';
import type { MediaStore } from '../storage/media-store.js';
import type { Intake, Staging } from '../storage/staging.js';
import { typeOf } from '../storage/type-of.js';

/** A file that the network does not know may only not be there yet; after so many tries it never will be. */
const TRIES_WHEN_GONE = 6;

interface Failure {
  readonly error: MediaError;
  /** trying again cannot help */
  readonly isFinal: boolean;
}

/** Fetches customers' files: by the webhook's address while it lives, else by the network's id. */
@Injectable()
export class MediaFetcher {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly files: MediaFileRepository,
    private readonly calls: MediaCalls,
    @Inject(MEDIA_STAGING) private readonly staging: Staging,
    @Inject(MEDIA_STORE) private readonly store: MediaStore,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Does nothing where the file is not due: somebody else has it, or it is here. */
  async run(id: string): Promise<void> {
    const file = await this.files.claim(this.database, id, this.clock.now());
    if (!file) return;
    const renewing = setInterval(() => {
      // A lease that could not be renewed lapses: another worker then does the same work again, which changes nothing.
      this.files.renew(this.database, id, this.clock.now()).catch(() => undefined);
    }, RENEW_MS);
    try {
      const failure = await this.carry(file);
      if (failure) await this.fail(file, failure);
      else this.metrics.media.inc({ direction: 'in', result: 'ready' });
    } finally {
      clearInterval(renewing);
    }
  }

  private async carry(file: MediaFile): Promise<Failure | undefined> {
    const place = this.calls.find(file.accountId ?? '');
    if (!place) {
      const detail = 'The account that it came to is gone, and its credentials with it.';
      return { error: { code: 'media.account_gone', detail }, isFinal: true };
    }
    let failure: Failure = {
      error: { code: 'media.expired', detail: 'The network keeps it no longer.' },
      isFinal: true,
    };
    for (const source of this.sourcesOf(file, place)) {
      const failed = await this.from(source, file, place);
      if (!failed) return undefined;
      failure = failed;
      if (failure.isFinal || this.calls.isEnding) break;
    }
    return failure;
  }

  private sourcesOf({ providerUrl, urlUntil, providerId, until }: MediaFile, place: MediaAccount): MediaSource[] {
    const now = this.clock.now();
    const { facet, gateway, account } = place;
    const url = providerUrl !== undefined && urlUntil && urlUntil > now ? providerUrl : undefined;
    const isUsable = url !== undefined && facet.isTrusted(url, gateway.accountCall(account));
    return [
      ...(isUsable ? [{ url }] : []),
      ...(providerId !== undefined && (!until || until > now) ? [{ id: providerId }] : []),
    ];
  }

  /** undefined when the file is stored. */
  private async from(source: MediaSource, file: MediaFile, place: MediaAccount): Promise<Failure | undefined> {
    const maxBytes = place.facet.inboundMaxBytes;
    const intake = await this.staging.begin(maxBytes);
    try {
      const outcome = await place.facet.fetch(source, (chunk) => intake.take(chunk), this.calls.of(place));
      if (intake.isTooLarge) {
        const detail = `It is larger than ${maxBytes} bytes, which is all that the network should let through.`;
        return { error: { code: 'media.too_large', detail }, isFinal: true };
      }
      return outcome.status === 'ok'
        ? await this.keep(intake, outcome.value, file)
        : refusalOf(outcome, place, file.attempts);
    } finally {
      await intake.drop();
    }
  }

  private async keep(intake: Intake, told: FetchedMedia, file: MediaFile): Promise<Failure | undefined> {
    const { path, size, sha256 } = await intake.finish();
    const expected = file.toldSha256 ?? readDigest(told.sha256);
    if (expected !== undefined && expected !== sha256) {
      const detail = `What came has the SHA-256 ${sha256}; the network announced ${expected}.`;
      return { error: { code: 'media.hash_mismatch', detail }, isFinal: false };
    }
    const mimeType = await typeOf(path, file.mimeType ?? told.mimeType);
    await this.database.transaction((sql) => this.files.announce(sql, file.id, { sha256, size, mimeType }));
    await this.store.put(sha256, { path, size, mimeType });
    await this.files.ready(this.database, file.id);
    return undefined;
  }

  /** Visible, and tried again for as long as the network keeps the file. What the end of this process cut off is just late. */
  private async fail(file: MediaFile, { error, isFinal }: Failure): Promise<void> {
    if (this.calls.isEnding) return;
    const now = this.clock.now();
    const nextAt = new Date(now.getTime() + waitMs(file.attempts));
    const isOver = isFinal || (file.until !== undefined && file.until <= nextAt);
    await this.files.failed(this.database, file.id, error, isOver ? null : nextAt);
    this.metrics.media.inc({ direction: 'in', result: isOver ? 'lost' : 'failed' });
    this.log.warn(
      { file: file.id, message: file.messageId, attempt: file.attempts, ...error, again: isOver ? undefined : nextAt },
      'a file could not be fetched',
    );
  }
}

function refusalOf(
  outcome: Exclude<CallOutcome<FetchedMedia>, { status: 'ok' }>,
  { facet }: MediaAccount,
  attempts: number,
): Failure {
  if (outcome.status === 'unreachable') {
    const detail = `The network could not be reached (${outcome.reason}).`;
    return { error: { code: 'media.unreachable', detail }, isFinal: false };
  }
  const isGone = facet.isGone(outcome.remote);
  return {
    error: remoteMediaError(isGone ? 'media.gone' : 'media.refused', outcome.remote),
    isFinal: isGone && attempts >= TRIES_WHEN_GONE,
  };
}
