import { Inject, Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { InboundMedia } from '../media/inbound/inbound-media.service.js';
import { Database, isConnectionError } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { AlreadyProcessedError, type ApplyEffect, ApplyService } from './apply.service.js';
import { Confirmations } from './confirmations.service.js';
import { JournalRepository, type StoredEvent } from './journal.repository.js';
import { type Item, normalize } from './normalize.js';
import { ProfileLookups } from './profile-lookups.service.js';
import { inRuns } from './runs.js';
import { gatewaysOf } from './scope.js';

const EVENTS_AT_ONCE = 200;
const BYTES_AT_ONCE = 4 * 1024 * 1024;
const ITEMS_AT_ONCE = 600;

/** Namespace of the advisory locks that let one processor per scope run at a time. */
const SCOPE_LOCK = 7_240_616;

/**
 * Works off what is pending for a scope, in order, in batches. One processor per scope at a time keeps the order; were two to
 * meet all the same, each event would still be applied once. A batch that fails is halved until the culprit stands alone.
 */
@Injectable()
export class ProcessService {
  constructor(
    private readonly database: Database,
    private readonly journal: JournalRepository,
    private readonly directory: GatewayDirectory,
    private readonly applying: ApplyService,
    private readonly media: InboundMedia,
    private readonly confirmations: Confirmations,
    private readonly profiles: ProfileLookups,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** False when another processor has the scope: whoever has it will see what is pending. */
  async run(scope: string): Promise<boolean> {
    return this.database.withLock(SCOPE_LOCK, scope, async () => {
      for (;;) {
        const events = await this.journal.pending(scope, EVENTS_AT_ONCE, BYTES_AT_ONCE);
        if (events.length === 0) return;
        await this.processAll(scope, events);
      }
    });
  }

  private async processAll(scope: string, events: readonly StoredEvent[]): Promise<void> {
    const gateways = gatewaysOf(this.directory, scope);
    let batch: StoredEvent[] = [];
    let items: Item[] = [];
    for (const event of events) {
      const own = normalize(event, scope, gateways);
      if (items.length > 0 && items.length + own.length > ITEMS_AT_ONCE) {
        await this.applyInRuns(scope, items, batch);
        batch = [];
        items = [];
      }
      batch.push(event);
      items.push(...own);
    }
    await this.applyInRuns(scope, items, batch);
  }

  private async applyInRuns(scope: string, items: readonly Item[], events: readonly StoredEvent[]): Promise<void> {
    const ids = events.map(({ id }) => id);
    for (const run of inRuns(items, ids)) await this.apply(scope, run.items, run.finished);
  }

  private async apply(scope: string, items: readonly Item[], finished: readonly string[]): Promise<void> {
    try {
      this.wake(await this.applying.apply(scope, items, finished));
    } catch (error) {
      // Another process was faster; what is still pending is read again.
      if (error instanceof AlreadyProcessedError) return;
      if (isConnectionError(error)) throw error;
      await this.split(scope, items, finished, error);
    }
  }

  /** In order: the first half is applied before the second, and an event is done with its last item. */
  private async split(
    scope: string,
    items: readonly Item[],
    finished: readonly string[],
    error: unknown,
  ): Promise<void> {
    const [only] = items;
    if (items.length <= 1) {
      if (!only) throw error;
      this.log.error(
        { err: error, scope: only.scope, event: only.source.id },
        'an item could not be applied; it is listed as unhandled',
      );
      await this.applying.giveUp(only, finished, error instanceof Error ? error.message : String(error));
      return;
    }
    const middle = items.length >> 1;
    const [first, second] = [items.slice(0, middle), items.slice(middle)];
    const open = new Set(second.map(({ source }) => source.id));
    await this.apply(
      scope,
      first,
      finished.filter((id) => !open.has(id)),
    );
    await this.apply(
      scope,
      second,
      finished.filter((id) => open.has(id)),
    );
  }

  private wake({ accountIds, wroteEvents, fileIds, confirmations, nameless }: ApplyEffect): void {
    for (const accountId of accountIds) this.admission.kick(accountId);
    if (wroteEvents) this.dispatch.kick('events');
    this.media.wake(fileIds);
    this.confirmations.send(confirmations);
    this.profiles.ask(nameless);
  }
}
