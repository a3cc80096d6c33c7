import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import type { Log } from '../../platform/logging/log.js';
import { Notifications } from '../../platform/notify/notifications.js';
import { STREAM_CHANGES, STREAM_SUBSCRIBER } from '../../platform/outbox/outbox.js';
import { LOG } from '../../platform/platform.tokens.js';
import { type StreamFilter, StreamInterestRepository } from './stream-interest.repository.js';

type Interest = readonly { readonly subscriber: string; readonly events: readonly string[] }[];

const NOBODY: Interest = [];
const RETRY_MS = 500;

/**
 * What streams want, in memory: an event that none wants is not logged, and where nobody streams that is known without looking.
 * All streams are one subscriber of the outbox. Kept fresh by notification, and by the process in which a stream is opened.
 */
@Injectable()
export class StreamDirectory implements OnModuleInit, OnApplicationBootstrap {
  private everywhere = NOBODY;
  private named: ReadonlyMap<string, Interest> = new Map();
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly interests: StreamInterestRepository,
    private readonly notifications: Notifications,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async onModuleInit(): Promise<void> {
    this.notifications.on(STREAM_CHANGES, () => void this.refreshLater());
    await this.refresh();
  }

  /** Once more now that the process listens for changes. */
  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
  }

  /** What streams want of a gateway: nothing, or one entry. */
  of(gatewayId: string): Interest {
    return this.named.size === 0 ? this.everywhere : (this.named.get(gatewayId) ?? this.everywhere);
  }

  /** From now on what the filter wants is logged: at once by this process, within a second by the others. */
  async want(filter: StreamFilter): Promise<void> {
    if (await this.interests.note(filter)) await this.refresh();
  }

  /** Resolves when what was committed before the call is in force here. */
  private refresh(): Promise<void> {
    this.last = this.last.catch(() => undefined).then(() => this.load());
    return this.last;
  }

  private async refreshLater(): Promise<void> {
    for (;;) {
      try {
        await this.refresh();
        return;
      } catch (error) {
        this.log.warn({ err: error }, 'could not read what streams want; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  private async load(): Promise<void> {
    const filters = await this.interests.standing();
    const ids = new Set(filters.flatMap(({ gateways }) => gateways ?? []));
    this.everywhere = interestOf(filters.filter(({ gateways }) => gateways === null));
    this.named = new Map(
      [...ids].map((id) => [id, interestOf(filters.filter(({ gateways }) => gateways?.includes(id) ?? true))]),
    );
  }
}

function interestOf(filters: readonly StreamFilter[]): Interest {
  if (filters.length === 0) return NOBODY;
  return [{ subscriber: STREAM_SUBSCRIBER, events: [...new Set(filters.flatMap(({ types }) => types))] }];
}
