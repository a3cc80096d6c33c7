import { Inject, Injectable } from '@nestjs/common';
import type { Channel, RemoteError } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Log } from '../../platform/logging/log.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { LOG } from '../../platform/platform.tokens.js';
import { MediaCalls } from '../media-calls.service.js';
import { type MediaError, remoteMediaError } from '../media-error.js';
import { type MediaUploadRecord, MediaUploadRepository } from '../media-upload.repository.js';
import { MEDIA_STORE } from '../media.tokens.js';
import { RENEW_MS, waitMs } from '../retry-plan.js';
import type { MediaStore } from '../storage/media-store.js';
import { LOST, isStored, storedFile } from './stored-file.js';

/** Messages wait for it: it is tried sooner and more often than what nobody waits for. */
const HASTE = 4;
const MAX_WAIT_MS = 5 * 60_000;

/** The network may forget it a little before its time. */
const MARGIN_MS = 60 * 60_000;

interface Failure {
  readonly error: MediaError;
  readonly isFinal: boolean;
}

/** Brings files of ours to the network, once for each account, before the messages that name them are sent. */
@Injectable()
export class MediaUploader {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly uploads: MediaUploadRepository,
    private readonly calls: MediaCalls,
    @Inject(MEDIA_STORE) private readonly store: MediaStore,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async run(id: string): Promise<void> {
    const upload = await this.uploads.claim(this.database, id, this.clock.now());
    if (!upload) return;
    const renewing = setInterval(() => {
      // A lease that could not be renewed lapses: another worker then does the same work again, which changes nothing.
      this.uploads.renew(this.database, id, this.clock.now()).catch(() => undefined);
    }, RENEW_MS);
    try {
      const failure = await this.carry(upload);
      if (failure && !this.calls.isEnding) await this.fail(upload, failure);
    } finally {
      clearInterval(renewing);
    }
  }

  private async carry(upload: MediaUploadRecord): Promise<Failure | undefined> {
    const place = this.calls.find(upload.accountId);
    if (!place) return { error: { code: 'media.account_gone', detail: 'The account is gone.' }, isFinal: true };
    if (!place.facet.upload) {
      const detail = 'The network takes files with their messages, and not by themselves.';
      return { error: { code: 'media.unsupported', detail }, isFinal: true };
    }
    if (!(await isStored(this.store, upload.sha256))) return { error: LOST, isFinal: true };
    const file = storedFile(this.store, upload, () => this.calls.isEnding);
    const outcome = await place.facet.upload(file, this.calls.of(place));
    if (outcome.status === 'unreachable') {
      const detail = `The network could not be reached (${outcome.reason}).`;
      return { error: { code: 'media.unreachable', detail }, isFinal: false };
    }
    if (outcome.status === 'refused') {
      const isFinal = !isPassing(place.gateway.channel(place.account.channel), outcome.remote);
      return { error: remoteMediaError('media.refused', outcome.remote), isFinal };
    }
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + place.facet.lives.uploadMs - MARGIN_MS);
    await this.uploads.ready(this.database, upload.id, outcome.value.id, now, expiresAt);
    this.metrics.media.inc({ direction: 'out', result: 'ready' });
    return undefined;
  }

  private async fail(upload: MediaUploadRecord, { error, isFinal }: Failure): Promise<void> {
    const now = this.clock.now();
    const nextAt = isFinal ? null : new Date(now.getTime() + Math.min(MAX_WAIT_MS, waitMs(upload.attempts) / HASTE));
    await this.uploads.failed(this.database, upload.id, error, now, nextAt);
    this.metrics.media.inc({ direction: 'out', result: isFinal ? 'lost' : 'failed' });
    this.log.warn(
      { upload: upload.id, attempt: upload.attempts, ...error },
      'a file could not be brought to the network',
    );
  }
}

/** By the channel's table of outcomes; a code that is not in it, by its HTTP class. */
function isPassing(channel: Channel | undefined, { code, httpStatus = 0 }: RemoteError): boolean {
  const row = channel?.outcomes.get(code);
  if (row) return row.action === 'retry' || row.action === 'hold';
  return httpStatus >= 500 || httpStatus === 429;
}
