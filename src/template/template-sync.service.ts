import { Inject, Injectable } from '@nestjs/common';
import type { CallOutcome, TemplateDescription, TemplatesFacet } from '../contract/index.js';
import { callProvider } from '../gateway/call-provider.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { mergeTemplates } from './merge-templates.js';
import { TemplateEvents } from './template-events.service.js';
import { TemplateHooks } from './template-hooks.js';
import { type StoredTemplate, type Template, TemplateRepository } from './template.repository.js';
import { SYNC_PAUSE_MS, type SyncClaim, TemplateSyncRepository } from './template-sync.repository.js';

const EVERY_MS = 6 * 60 * 60_000;
/** Readings spread out by so much of their interval, so that many groups do not come due together. */
const JITTER = 0.2;
/** A caller who named an unknown template waits so long for the network. */
const PATIENCE_MS = 5_000;
/** Whoever asks for a reading waits so long for its end. */
const PATIENCE_FOR_A_PERSON_MS = 20_000;
const LOOK_EVERY_MS = 100;

export type SyncResult = 'done' | 'failed' | 'busy';

/** Reads a group's templates at the network. One reading per group at a time, in the whole installation; a failed one leaves what was there. */
@Injectable()
export class TemplateSyncService {
  private readonly running = new Map<string, { readonly sync: Promise<SyncResult>; readonly startedMs: number }>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly templates: TemplateRepository,
    private readonly syncs: TemplateSyncRepository,
    private readonly hooks: TemplateHooks,
    private readonly events: TemplateEvents,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** @param isDue the schedule says so; else the pause since the last reading is kept */
  sync(groupId: string, isDue: boolean): Promise<SyncResult> {
    const running = this.running.get(groupId);
    if (running) return running.sync;
    const sync = this.read(groupId, isDue).finally(() => this.running.delete(groupId));
    this.running.set(groupId, { sync, startedMs: performance.now() });
    return sync;
  }

  /**
   * True when what is stored is no older than the pause between two readings, if need be after reading anew. False when the
   * network did not answer, or not in time: a reading that takes longer goes on, but is not waited for.
   */
  async refresh(groupId: string): Promise<boolean> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const own = this.running.get(groupId);
      if (own) return (await within(own.sync, own.startedMs + PATIENCE_MS - performance.now())) === 'done';
      const state = await this.syncs.state(groupId);
      const now = this.clock.now();
      const isElsewhere = state?.runningUntil && state.runningUntil > now;
      if (!isElsewhere) {
        const isRecent = state?.triedAt && now.getTime() - state.triedAt.getTime() < SYNC_PAUSE_MS;
        if (isRecent) return state.syncedAt?.getTime() === state.triedAt?.getTime();
        if ((await within(this.sync(groupId, false), deadlineMs - performance.now())) === 'done') return true;
        if (!(await this.isTakenElsewhere(groupId))) return false;
      }
      if (performance.now() > deadlineMs) return false;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** A person asks. `busy`: it is being read elsewhere, or the network takes its time; the reading goes on. */
  async readNow(groupId: string): Promise<SyncResult> {
    await this.syncs.wantNow([groupId], this.clock.now());
    return (await within(this.sync(groupId, true), PATIENCE_FOR_A_PERSON_MS)) ?? 'busy';
  }

  private async isTakenElsewhere(groupId: string): Promise<boolean> {
    const state = await this.syncs.state(groupId);
    return Boolean(!this.running.has(groupId) && state?.runningUntil && state.runningUntil > this.clock.now());
  }

  private async read(groupId: string, isDue: boolean): Promise<SyncResult> {
    const now = this.clock.now();
    const nextAt = new Date(now.getTime() + EVERY_MS * (1 + JITTER * (Math.random() - 0.5)));
    const claim = await this.syncs.claim(groupId, { now, nextAt, isDue });
    if (!claim) return 'busy';
    const gateway = this.directory.byId(claim.gatewayId);
    const facet = gateway?.channel(claim.channel)?.templates;
    const outcome: CallOutcome<readonly TemplateDescription[]> =
      gateway && facet
        ? await callProvider(this.log, () => facet.list(claim.group, gateway.call()))
        : { status: 'unreachable', reason: 'the gateway is not loaded, or its channel has no templates' };
    try {
      if (outcome.status === 'ok' && facet) return await this.store(claim, outcome.value, facet);
    } catch (error) {
      this.log.error({ err: error, group: claim.group }, 'the templates of a group could not be stored');
      await this.fail(claim, 'they could not be stored');
      return 'failed';
    }
    await this.fail(claim, reasonOf(outcome));
    return 'failed';
  }

  private async store(
    claim: SyncClaim,
    listed: readonly TemplateDescription[],
    facet: TemplatesFacet,
  ): Promise<SyncResult> {
    const { groupId, startedAt } = claim;
    const outcome = await this.database.transaction(async (sql) => {
      const now = this.clock.now();
      const stored = await this.templates.lockGroup(sql, groupId);
      if (!(await this.syncs.finish(sql, claim, listed.length))) return undefined;
      const changes = mergeTemplates(stored, listed, facet, { groupId, startedAt, newId: () => newId(now) });
      await this.templates.write(sql, changes.write, now);
      if (changes.isOvertaken) await this.syncs.want(sql, [groupId], now);
      const accountIds = await this.hooks.release(sql, changes.resumed, now);
      const wroteEvents = await this.tell(sql, claim, stored, changes.write);
      return { accountIds, wroteEvents, changed: changes.write.length };
    });
    if (!outcome) return 'busy';
    this.hooks.wake(outcome.accountIds);
    if (outcome.wroteEvents) this.dispatch.kick('events');
    this.log.info({ group: claim.group, listed: listed.length, changed: outcome.changed }, 'templates were read');
    return 'done';
  }

  /** What the first reading of a group finds is no news. */
  private async tell(
    sql: Sql,
    claim: SyncClaim,
    stored: readonly StoredTemplate[],
    written: readonly Template[],
  ): Promise<boolean> {
    if (stored.length === 0) return false;
    const known = new Map(stored.map((template) => [template.id, template]));
    const changes = written.map((after) => ({ before: known.get(after.id), after }));
    return this.events.write(sql, claim, changes);
  }

  private async fail(claim: SyncClaim, reason: string): Promise<void> {
    this.log.warn({ group: claim.group, reason }, 'the templates of a group could not be read; it is tried again');
    await this.syncs.fail(claim, reason, (failures) => {
      const waitMs = Math.min(EVERY_MS, SYNC_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
      return new Date(this.clock.now().getTime() + waitMs);
    });
  }
}

function reasonOf(outcome: CallOutcome<unknown>): string {
  if (outcome.status === 'refused') return `${outcome.remote.code}: ${outcome.remote.message}`;
  return outcome.status === 'unreachable' ? outcome.reason : '';
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, milliseconds)).unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
