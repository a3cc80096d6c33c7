import { Injectable } from '@nestjs/common';
import type { TemplateChanged } from '../contract/index.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { gatewayEvent } from '../gateway/gateway-events.js';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import { appendEvents } from '../platform/outbox/outbox.js';
import type { Template } from './template.repository.js';
import { type TemplateGroup, whatChanged } from './what-changed.js';

export interface TemplateChange {
  /** undefined: it is new */
  readonly before: Template | undefined;
  readonly after: Template;
  /** nothing has changed yet */
  readonly notice?: TemplateChanged['notice'];
}

/** Tells of templates whose status, category, quality or definition became another one, and of new ones. */
@Injectable()
export class TemplateEvents {
  constructor(
    private readonly directory: GatewayDirectory,
    private readonly clock: Clock,
  ) {}

  /** In the transaction that changes them. True when something was written: the dispatcher wants to be woken after the commit. */
  async write(sql: Sql, group: TemplateGroup, changes: readonly TemplateChange[]): Promise<boolean> {
    const gateway = this.directory.byId(group.gatewayId);
    if (!gateway || gateway.subscribersOf('template.updated').length === 0) return false;
    const now = this.clock.now();
    const facet = gateway.channel(group.channel)?.templates;
    const events = changes.flatMap(({ before, after, notice }) => {
      const told = whatChanged(before, after) ?? (notice && { change: 'announced', notice: noticeOf(notice) });
      if (!told) return [];
      const payload = { template: viewOf(after, group, facet?.classOf(after.category)), ...told };
      return gatewayEvent('template.updated', gateway, { occurredAt: now, channel: group.channel, payload }, now);
    });
    return appendEvents(sql, events, now);
  }
}

function noticeOf({ category, at }: NonNullable<TemplateChanged['notice']>): object {
  return { category, ...(at && { at: at.toISOString() }) };
}

/** As `GET /templates` shows it, without the definition, which may be long. */
function viewOf(template: Template, group: TemplateGroup, messageClass: string | undefined): object {
  const { id, providerId, name, language, category, status, reason, pausedUntil, quality } = template;
  return {
    id,
    ...(providerId !== null && { providerId }),
    group: { id: group.group },
    name,
    language,
    category,
    ...(messageClass !== undefined && { class: messageClass }),
    status,
    ...(reason !== null && { reason }),
    ...(pausedUntil && { pausedUntil: pausedUntil.toISOString() }),
    ...(quality !== null && { quality }),
  };
}
