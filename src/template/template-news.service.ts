import { Injectable } from '@nestjs/common';
import type { TemplateChanged, TemplateContent, TemplatesFacet } from '../contract/index.js';
import type { Sql } from '../platform/database/database.js';
import { TemplateEvents } from './template-events.service.js';
import { TemplateHooks } from './template-hooks.js';
import { type StoredTemplate, type TemplateNote, TemplateRepository } from './template.repository.js';
import { TemplateSyncRepository } from './template-sync.repository.js';

export interface TemplateNews {
  readonly gatewayId: string;
  readonly channel: string;
  readonly facet: TemplatesFacet;
  readonly change: TemplateChanged;
}

/** What to wake after the commit. */
export interface NewsEffect {
  /** the accounts whose messages were held back by what is gone */
  readonly accountIds: ReadonlySet<string>;
  readonly wroteEvents: boolean;
}

/** The network's clock and ours may differ by so much. */
const SKEW_MS = 60_000;

/** The word for what a refusal tells: the network's own may come later. */
const PAUSED = 'PAUSED';

/**
 * What the network tells of a template between two readings of its list. Applied at once where it is surely the newest; news
 * that came late, or of a template we do not know, only asks for the list to be read.
 */
@Injectable()
export class TemplateNewsService {
  constructor(
    private readonly templates: TemplateRepository,
    private readonly syncs: TemplateSyncRepository,
    private readonly hooks: TemplateHooks,
    private readonly events: TemplateEvents,
  ) {}

  async apply(sql: Sql, news: readonly TemplateNews[], now: Date): Promise<NewsEffect> {
    const resumed: string[] = [];
    const wanted = new Set<string>();
    let wroteEvents = false;
    for (const one of news) {
      const groupId = await this.templates.groupId(sql, one.gatewayId, one.channel, one.change.group);
      if (groupId === undefined) continue;
      const template = await this.templates.find(groupId, one.change.name, one.change.language, { sql, lock: true });
      const synced = (await this.syncs.state(groupId, sql))?.syncedAt ?? null;
      if (template?.toldKey === one.change.key) continue;
      if (!template || isLate(one.change, template, synced)) {
        wanted.add(groupId);
        continue;
      }
      const note = noteOf(one, template);
      await this.templates.note(sql, template.id, note, now);
      const { notice } = one.change;
      const change = { before: template, after: { ...template, ...note }, ...(notice && { notice }) };
      wroteEvents = (await this.events.write(sql, { ...one, group: one.change.group }, [change])) || wroteEvents;
      if (template.standing === 'paused' && note.standing !== 'paused') resumed.push(template.id);
      // Whoever edits a template has it reviewed again, so one that may be sent again may have other parameters.
      const isBack = note.standing === 'usable' && template.standing !== 'usable';
      if (isBack || one.change.definition) wanted.add(groupId);
    }
    await this.syncs.want(sql, [...wanted], now);
    return { accountIds: await this.hooks.release(sql, resumed, now), wroteEvents };
  }

  /**
   * A refusal said that this template is paused. False when we do not know it: then nothing can hold its messages. Whoever is
   * told of it hears it when the dispatcher next looks, which is within a second.
   */
  async pause(
    sql: Sql,
    groupId: string,
    { name, language }: Pick<TemplateContent, 'name' | 'language'>,
    { until, reason, now }: { until: Date; reason: string; now: Date },
  ): Promise<boolean> {
    const template = await this.templates.find(groupId, name, language, { sql, lock: true });
    if (!template) return false;
    if (template.standing !== 'paused') {
      const note = { ...template, status: PAUSED, standing: 'paused' as const, reason, pausedUntil: until };
      await this.templates.note(sql, template.id, note, now);
      const group = await this.templates.groupOf(sql, groupId);
      if (group) await this.events.write(sql, group, [{ before: template, after: { ...template, ...note } }]);
    }
    return true;
  }

  /** What the network said of a template does not fit what we know of it. */
  want(sql: Sql, groupId: string, now: Date): Promise<void> {
    return this.syncs.want(sql, [groupId], now);
  }
}

/** Networks repeat what was not acknowledged for days: what is older than what we know must not undo it. */
function isLate({ occurredAt, key }: TemplateChanged, template: StoredTemplate, synced: Date | null): boolean {
  if (synced && occurredAt.getTime() < synced.getTime() - SKEW_MS) return true;
  if (!template.toldAt || template.toldAt < occurredAt) return false;
  const [kind] = key.split('|');
  return template.toldAt > occurredAt || template.toldKey?.split('|')[0] === kind;
}

function noteOf({ change, facet }: TemplateNews, template: StoredTemplate): TemplateNote {
  const status = change.status ?? template.status;
  const standing = change.status === undefined ? template.standing : facet.standingOf(change.status);
  const isStatus = change.status !== undefined;
  return {
    category: change.category ?? template.category,
    status,
    standing,
    quality: change.quality ?? template.quality,
    reason: isStatus ? (change.reason ?? null) : template.reason,
    pausedUntil: isStatus ? (standing === 'paused' ? (change.pausedUntil ?? null) : null) : template.pausedUntil,
    toldAt: change.occurredAt,
    toldKey: change.key,
  };
}
