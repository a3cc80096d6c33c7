import { Inject, Injectable } from '@nestjs/common';
import type { Content, SendOutcome, TravellingFile } from '../contract/index.js';
import type { MessagePart } from '../dialog/message-status.js';
import type { MessageRecord } from '../dialog/message-record.js';
import { OutboundMedia } from '../media/outbound/outbound-media.service.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { ownError } from './judge.js';
import type { Attempted } from './outcome-policy.service.js';
import type { Settlement } from './settle.service.js';

/** What is to be sent, or what becomes of the message while its files are not at the network. */
export type Prepared =
  | { readonly content: Content; readonly files?: ReadonlyMap<string, TravellingFile>; readonly settlement?: undefined }
  | { readonly settlement: Settlement };

/**
 * Files of messages that are about to leave. Where the network keeps files they are brought to it beside the sender, never in it: a
 * message whose file is not there yet goes back to the head of its line, so that pace and order hold. Where it does not, they travel
 * with the message. Messages without files cost nothing.
 */
@Injectable()
export class SenderFiles {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly media: OutboundMedia,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async prepare({ claim, record, account, channel }: Attempted): Promise<Prepared> {
    const content = contentOf(record, claim.part);
    if (!this.media.names(content)) return { content };
    const readiness = await this.media.prepare(content, { account, facet: channel.media }, record.createdAt);
    switch (readiness.status) {
      case 'ready':
        return readiness;
      case 'waiting': {
        const { detail, until: availableAt } = readiness;
        const held = { reason: 'retry' as const, detail, until: availableAt.toISOString() };
        return {
          settlement: { ...claim, result: 'requeued', part: claim.part, availableAt, held, countsAttempt: false },
        };
      }
      case 'failed': {
        const error = ownError(readiness.error.code, 'Its file cannot be sent', readiness.error.detail);
        return { settlement: { ...claim, result: 'failed', error } };
      }
    }
  }

  /** What is not noted down travels once more. */
  async afterAcceptance({ record, account, channel }: Attempted, outcome: SendOutcome): Promise<void> {
    if (outcome.status !== 'accepted' || !outcome.files) return;
    try {
      await this.media.remember(outcome.files, { account, facet: channel.media });
    } catch (error) {
      this.log.warn({ err: error, message: record.id }, 'could not note by what id the network has a file');
    }
  }

  /** The network may have forgotten a file before its time: then the message goes once more, with a new upload. */
  async afterRefusal(attempted: Attempted, outcome: SendOutcome): Promise<Settlement | undefined> {
    if (outcome.status !== 'refused') return undefined;
    const { claim, record, account, channel } = attempted;
    const content = contentOf(record, claim.part);
    const sender = { account, facet: channel.media };
    if (!(await this.media.forget(this.database, content, sender, outcome.remote, record.createdAt))) return undefined;
    const availableAt = this.clock.now();
    const { remote } = outcome;
    return { ...claim, result: 'requeued', part: claim.part, availableAt, held: null, countsAttempt: true, remote };
  }
}

export function contentOf(record: MessageRecord, part: MessagePart): Content {
  return part === 'fallback' && record.fallback ? record.fallback : record.content;
}
