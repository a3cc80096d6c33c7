import { Inject, Injectable } from '@nestjs/common';
import type { TemplateDescription, TemplatesFacet } from '../contract/index.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { newId } from '../platform/ids/ids.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { GONE, toTemplate } from './merge-templates.js';
import { type TemplateChange, TemplateEvents } from './template-events.service.js';
import { TemplateHooks } from './template-hooks.js';
import { type StoredTemplate, type Template, TemplateRepository } from './template.repository.js';
import { TemplateSyncRepository } from './template-sync.repository.js';

interface WrittenGroup {
  readonly id: string;
  readonly facet: TemplatesFacet;
}

/**
 * Stores what the network answered to a change that was made from here. News that came meanwhile, and readings of its list, may
 * know more than that answer: what they said stays. The list is read again soon after.
 */
@Injectable()
export class TemplateWriter {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly templates: TemplateRepository,
    private readonly syncs: TemplateSyncRepository,
    private readonly hooks: TemplateHooks,
    private readonly events: TemplateEvents,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
  ) {}

  /** @param askedAt when the network was asked; returns the id of the stored template */
  async put({ id: groupId, facet }: WrittenGroup, description: TemplateDescription, askedAt: Date): Promise<string> {
    const { name, language } = description;
    return this.change(groupId, async (sql, now) => {
      const before = await this.templates.find(groupId, name, language, { sql, lock: true });
      const after = toTemplate(before, description, facet, before?.id ?? newId(now), groupId);
      // who knows the network's id of a template that was just made has read it since
      const isKnownSince = before?.providerId === after.providerId && before.updatedAt >= askedAt;
      const { status, standing, reason, pausedUntil, category } = isKnownSince ? before : after;
      const settled = { ...after, status, standing, reason, pausedUntil, category };
      return { changes: [{ before, after: settled }], result: settled.id };
    });
  }

  /** Templates that the network has deleted for us. */
  async drop(groupId: string, isDropped: (template: StoredTemplate) => boolean): Promise<void> {
    await this.change(groupId, async (sql) => {
      const stored = await this.templates.lockGroup(sql, groupId);
      const changes = stored
        .filter((template) => template.status !== GONE && isDropped(template))
        .map((before) => ({ before, after: gone(before) }));
      return { changes, result: undefined };
    });
  }

  private async change<T>(
    groupId: string,
    decide: (
      sql: Parameters<TemplateRepository['write']>[0],
      now: Date,
    ) => Promise<{ readonly changes: readonly TemplateChange[]; readonly result: T }>,
  ): Promise<T> {
    const outcome = await this.database.transaction(async (sql) => {
      const now = this.clock.now();
      const { changes, result } = await decide(sql, now);
      const written = changes.map(({ after }) => after);
      await this.templates.write(sql, written, now, { noted: true });
      await this.syncs.want(sql, [groupId], now);
      const group = await this.templates.groupOf(sql, groupId);
      const wroteEvents = group !== undefined && (await this.events.write(sql, group, changes));
      const accountIds = await this.hooks.release(sql, changes.flatMap(resumed), now);
      return { result, wroteEvents, accountIds };
    });
    this.hooks.wake(outcome.accountIds);
    if (outcome.wroteEvents) this.dispatch.kick('events');
    return outcome.result;
  }
}

function gone(template: StoredTemplate): Template {
  return { ...template, status: GONE, standing: 'unusable', reason: null, pausedUntil: null };
}

/** The template whose messages are not held back any more: they go on, or are told why not. */
function resumed({ before, after }: TemplateChange): readonly string[] {
  return before?.standing === 'paused' && after.standing !== 'paused' ? [before.id] : [];
}
