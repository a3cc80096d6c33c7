import { Injectable } from '@nestjs/common';
import { type Content, isTemplate } from '../contract/index.js';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import { TemplateNewsService } from '../template/template-news.service.js';
import { TemplateRepository } from '../template/template.repository.js';

/** What a refusal says of a template, in the answer or in a late receipt. */
@Injectable()
export class TemplateRefusals {
  constructor(
    private readonly clock: Clock,
    private readonly templates: TemplateRepository,
    private readonly news: TemplateNewsService,
  ) {}

  /** The template is not what we believe: its group is read again. */
  doubt(sql: Sql, groupId: string): Promise<void> {
    return this.news.want(sql, groupId, this.clock.now());
  }

  /** From now on its messages are held. False when we do not know it: then each has to wait by itself. */
  async pause(
    sql: Sql,
    groupId: string,
    content: Content | undefined,
    { until, reason }: { until: Date; reason: string },
  ): Promise<boolean> {
    if (!content || !isTemplate(content)) return false;
    return this.news.pause(sql, groupId, content, { until, reason, now: this.clock.now() });
  }

  /** Our id of the template that a content names, where we know it. */
  async idOf(groupId: string, content: Content | undefined, sql?: Sql): Promise<string | null> {
    if (!content || !isTemplate(content)) return null;
    const { name, language } = content;
    return (await this.templates.find(groupId, name, language, sql && { sql }))?.id ?? null;
  }
}
