import { Injectable } from '@nestjs/common';
import { MessageRepository } from '../../dialog/message.repository.js';
import type { Sql } from '../../platform/database/database.js';
import { FREE_FORM, kindOf } from '../message-class.js';
import { ProgressRepository } from '../progress.repository.js';
import { TemplateRefusals } from '../template-refusals.service.js';
import { WithdrawService } from '../withdraw.service.js';
import { HeadsRepository } from './heads.repository.js';
import type { TurnVerdict } from './judge-turn.js';

export interface Missed {
  readonly messageId: string;
  readonly verdict: TurnVerdict & { readonly do: 'fallback' | 'fail' };
}

/** Free-form content whose window closed while it waited: its fallback goes instead, or it fails. */
@Injectable()
export class MissedWindows {
  constructor(
    private readonly messages: MessageRepository,
    private readonly heads: HeadsRepository,
    private readonly progress: ProgressRepository,
    private readonly templates: TemplateRefusals,
    private readonly withdrawing: WithdrawService,
  ) {}

  async settle(
    sql: Sql,
    missed: readonly Missed[],
    groupId: string,
    now: Date,
  ): Promise<{ count: number; wroteEvents: boolean }> {
    if (missed.length === 0) return { count: 0, wroteEvents: false };
    await this.fallBack(
      sql,
      missed.flatMap(({ messageId, verdict }) =>
        verdict.do === 'fallback' ? [{ messageId, detail: verdict.detail }] : [],
      ),
      groupId,
      now,
    );
    const failed = missed.flatMap(({ messageId, verdict }) =>
      verdict.do === 'fail' ? [{ messageId, status: 'failed' as const, error: verdict.error }] : [],
    );
    const { wroteEvents } = await this.withdrawing.apply(sql, failed, now);
    return { count: missed.length, wroteEvents };
  }

  private async fallBack(
    sql: Sql,
    rows: readonly { messageId: string; detail: string }[],
    groupId: string,
    now: Date,
  ): Promise<void> {
    if (rows.length === 0) return;
    const details = new Map(rows.map(({ messageId, detail }) => [messageId, detail]));
    const records = await this.messages.findAll(sql, [...details.keys()], { lock: true });
    const turned = [];
    for (const { id, fallback } of records) {
      turned.push({
        messageId: id,
        kind: fallback ? kindOf(fallback) : FREE_FORM,
        templateId: await this.templates.idOf(groupId, fallback, sql),
      });
    }
    const moved = await this.heads.toFallback(sql, turned, now);
    await this.progress.update(
      sql,
      [...moved].map((messageId) => {
        const detail = { code: 'window.closed', detail: details.get(messageId) ?? '' };
        const note = { key: 'fallback', status: 'fallback', at: now, detail };
        return { messageId, status: 'queued' as const, part: 'fallback' as const, held: null, notes: [note] };
      }),
      now,
    );
  }
}
