import { Inject, Injectable } from '@nestjs/common';
import { type Content, isTemplate } from '../../contract/index.js';
import type { MessageRecord } from '../../dialog/message-record.js';
import { MessageRepository } from '../../dialog/message.repository.js';
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
 * What the network refused, or what never left, is not doubled by it; `outcome.unknown` may be, which is its caller's choice.
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
    // By id, so that what fails again while this runs is not tried a third time.
    for (let after: string | null = null; count < limit;) {
      const ids: readonly string[] = await this.some(filter, { code, after, limit: Math.min(AT_ONCE, limit - count) });
      count += ids.length;
      after = ids.at(-1) ?? null;
      if (after === null) break;
    }
    return count;
  }

  private async some(
    filter: BulkFilter,
    which: { code: string; after: string | null; limit: number },
  ): Promise<readonly string[]> {
    const now = this.clock.now();
    const going = await this.database.transaction(async (sql) => {
      const ids = await this.bulk.failed(sql, filter, which);
      const records = (await this.messages.findAll(sql, ids, { lock: true })).filter(
        ({ status }) => status === 'failed',
      );
      const seqs = await this.outbound.nextSeqs(sql, records.length);
      const templateIds = await this.templateIds(sql, records);
      const rows = records.map((record, index) =>
        rowOf(record, { seq: seqs[index] ?? '0', templateId: templateIds.get(record.id) ?? null, now }),
      );
      await this.outbound.insert(sql, rows, now);
      const note = {
        key: `queued#${now.getTime()}`,
        status: 'queued',
        at: now,
        detail: { redriven: which.code },
      };
      await this.progress.update(
        sql,
        records.map(({ id }) => ({
          messageId: id,
          status: 'queued' as const,
          error: null,
          held: null,
          notes: [note],
        })),
        now,
      );
      return records;
    });
    for (const accountId of new Set(going.map((record) => record.accountId))) this.admission.kick(accountId);
    return going.map(({ id }) => id);
  }

  /** A campaign has few templates: each is looked up once. */
  private async templateIds(sql: Sql, records: readonly MessageRecord[]): Promise<ReadonlyMap<string, string | null>> {
    const known = new Map<string, string | null>();
    const found = new Map<string, string | null>();
    for (const record of records) {
      const going = goingOf(record);
      const groupId = this.directory.accountById(record.accountId)?.account.groupId;
      if (groupId === undefined || !isTemplate(going)) continue;
      const key = JSON.stringify([groupId, going.name, going.language]);
      const id = known.has(key) ? known.get(key) : await this.templates.idOf(groupId, going, sql);
      known.set(key, id ?? null);
      found.set(record.id, id ?? null);
    }
    return found;
  }
}

function goingOf({ part, content, fallback }: MessageRecord): Content {
  return part === 'fallback' && fallback ? fallback : content;
}

function rowOf(
  record: MessageRecord,
  { seq, templateId, now }: { seq: string; templateId: string | null; now: Date },
): NewOutbound {
  const messageClass = (record.class ?? 'marketing') as MessageClass;
  const kind = kindOf(goingOf(record));
  const isStillGood = record.expiresAt !== undefined && record.expiresAt > now;
  return {
    messageId: record.id,
    threadId: record.threadId,
    class: rankOfClass(messageClass),
    seq,
    gatewayId: record.gatewayId,
    accountId: record.accountId,
    contactId: record.contactId,
    part: record.part,
    kind,
    hasFallback: record.fallback !== undefined,
    opens: kind !== FREE_FORM,
    windowUntil: null,
    expiresAt: isStillGood ? (record.expiresAt ?? null) : defaultExpiry(messageClass, now),
    sendAt: null,
    templateId,
  };
}
