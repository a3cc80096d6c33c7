import { Inject, Injectable } from '@nestjs/common';
import { MessageRepository, type MessageRecord } from '../../dialog/message.repository.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/database/database.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { defaultExpiry } from '../accept/default-expiry.js';
import { FREE_FORM, type MessageClass, kindOf, rankOfClass } from '../message-class.js';
import { type NewOutbound, OutboundRepository } from '../outbound.repository.js';
import { ProgressRepository } from '../progress.repository.js';
import { TemplateRefusals } from '../template-refusals.service.js';
import { type BulkFilter, BulkRepository } from './bulk.repository.js';

const AT_ONCE = 500;

/**
 * Failed messages go back into their lines, under their own ids, behind what is there: when what they failed for is mended.
 * Only what the network refused, or what never left, has failed; so nothing that was taken is sent again.
 */
@Injectable()
export class RedriveService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly bulk: BulkRepository,
    private readonly messages: MessageRepository,
    private readonly outbound: OutboundRepository,
    private readonly progress: ProgressRepository,
    private readonly templates: TemplateRefusals,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
  ) {}

  /** Gives back how many went. */
  async redrive(filter: BulkFilter, code: string, limit: number): Promise<number> {
    let count = 0;
    while (count < limit) {
      const ids = await this.some(filter, code, Math.min(AT_ONCE, limit - count));
      count += ids.length;
      if (ids.length === 0) break;
    }
    return count;
  }

  private async some(filter: BulkFilter, code: string, limit: number): Promise<readonly string[]> {
    const now = this.clock.now();
    const going = await this.database.transaction(async (sql) => {
      const ids = await this.bulk.failed(sql, filter, code, limit);
      const records = (await this.messages.findAll(sql, ids, { lock: true })).filter(
        ({ status }) => status === 'failed',
      );
      const rows: NewOutbound[] = [];
      for (const record of records) rows.push(await this.rowOf(sql, record, now));
      await this.outbound.insert(sql, rows, now);
      await this.progress.update(
        sql,
        records.map(({ id }) => ({ messageId: id, status: 'queued' as const, error: null, held: null })),
        now,
      );
      await this.progress.note(
        sql,
        records.map(({ id }) => ({
          messageId: id,
          key: `queued#${now.getTime()}`,
          status: 'queued',
          at: now,
          detail: { redriven: code },
        })),
        now,
      );
      return records;
    });
    for (const accountId of new Set(going.map((record) => record.accountId))) this.admission.kick(accountId);
    return going.map(({ id }) => id);
  }

  private async rowOf(sql: Sql, record: MessageRecord, now: Date): Promise<NewOutbound> {
    const messageClass = (record.class ?? 'marketing') as MessageClass;
    const going = record.part === 'fallback' && record.fallback ? record.fallback : record.content;
    const groupId = this.directory.accountById(record.accountId)?.account.groupId;
    const isStillGood = record.expiresAt !== undefined && record.expiresAt > now;
    return {
      messageId: record.id,
      threadId: record.threadId,
      class: rankOfClass(messageClass),
      seq: await this.outbound.nextSeq(sql),
      gatewayId: record.gatewayId,
      accountId: record.accountId,
      contactId: record.contactId,
      part: record.part,
      kind: kindOf(going),
      hasFallback: record.fallback !== undefined,
      opens: kindOf(going) !== FREE_FORM,
      windowUntil: null,
      expiresAt: isStillGood ? (record.expiresAt ?? null) : defaultExpiry(messageClass, now),
      sendAt: null,
      templateId: groupId === undefined ? null : await this.templates.idOf(groupId, going, sql),
    };
  }
}
