import { Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { MediaViews, type ShowContent } from '../media/media-views.service.js';
import { Database, type Sql } from '../platform/database/database.js';
import { type AttemptRecord, MessageHistoryRepository } from './message-history.repository.js';
import type { MessageRecord } from './message-record.js';
import { type MessageFilter, MessageRepository } from './message.repository.js';
import { messageView } from './message-view.js';
import type { TimelineEntry } from './timeline.js';

/** Messages as the API shows them, each with its whole history, and all of it of one moment. */
@Injectable()
export class MessageReader {
  constructor(
    private readonly database: Database,
    private readonly messages: MessageRepository,
    private readonly history: MessageHistoryRepository,
    private readonly directory: GatewayDirectory,
    private readonly media: MediaViews,
  ) {}

  /** @param sql a transaction whose own changes are to be seen; default: the newest that is committed */
  async one(id: string, sql?: Sql): Promise<object | undefined> {
    if (!sql) return this.database.snapshot((snapshot) => this.one(id, snapshot));
    const record = await this.messages.find(sql, id);
    return record && (await this.views(sql, [record]))[0];
  }

  async record(id: string): Promise<MessageRecord | undefined> {
    return this.messages.find(this.database, id);
  }

  /** One record more than `limit`, so that the caller sees whether there is another page; views of those within it. */
  async page(filter: MessageFilter): Promise<{ records: readonly MessageRecord[]; views: readonly object[] }> {
    return this.database.snapshot(async (sql) => {
      const records = await this.messages.list(sql, { ...filter, limit: filter.limit + 1 });
      return { records, views: await this.views(sql, records.slice(0, filter.limit)) };
    });
  }

  /** One that was written a moment ago, without reading it back. */
  fresh(record: MessageRecord, timeline: readonly TimelineEntry[]): object {
    return this.view(record, timeline, [], this.media.linked);
  }

  private async views(sql: Sql, records: readonly MessageRecord[]): Promise<readonly object[]> {
    const ids = records.map(({ id }) => id);
    const timelines = await this.history.timelines(sql, ids);
    const attempts = await this.history.attempts(sql, timelines);
    const show = await this.media.of(
      sql,
      records.flatMap(({ content, fallback }) => (fallback ? [content, fallback] : [content])),
    );
    return records.map((record) =>
      this.view(record, timelines.get(record.id) ?? [], attempts.get(record.id) ?? [], show),
    );
  }

  private view(
    record: MessageRecord,
    timeline: readonly TimelineEntry[],
    attempts: readonly AttemptRecord[],
    show: ShowContent,
  ): object {
    const gateway = this.directory.byId(record.gatewayId);
    const account = gateway?.accounts.find(({ id }) => id === record.accountId);
    return messageView(record, { gateway, account, timeline, attempts, show });
  }
}
