import { Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Database, type Sql } from '../platform/database/database.js';
import { type MessageFilter, type MessageRecord, MessageRepository } from './message.repository.js';
import { messageView } from './message-view.js';

/** Messages as the API shows them, each with its whole history. */
@Injectable()
export class MessageReader {
  constructor(
    private readonly database: Database,
    private readonly messages: MessageRepository,
    private readonly directory: GatewayDirectory,
  ) {}

  async one(sql: Sql | undefined, id: string): Promise<object | undefined> {
    const record = await this.messages.find(sql ?? this.database, id);
    return record && (await this.views(sql ?? this.database, [record]))[0];
  }

  async record(id: string): Promise<MessageRecord | undefined> {
    return this.messages.find(this.database, id);
  }

  /** One record more than `limit`, so that the caller sees whether there is another page. */
  async page(filter: MessageFilter): Promise<readonly MessageRecord[]> {
    return this.messages.list(this.database, { ...filter, limit: filter.limit + 1 });
  }

  async views(sql: Sql, records: readonly MessageRecord[]): Promise<readonly object[]> {
    const ids = records.map(({ id }) => id);
    const timelines = await this.messages.timelines(sql, ids);
    const attempts = await this.messages.attempts(sql, ids);
    return records.map((record) => {
      const gateway = this.directory.byId(record.gatewayId);
      return messageView(record, {
        gateway,
        account: gateway?.accounts.find(({ id }) => id === record.accountId),
        timeline: timelines.get(record.id) ?? [],
        attempts: attempts.get(record.id) ?? [],
      });
    });
  }

  async pageViews(records: readonly MessageRecord[]): Promise<readonly object[]> {
    return this.views(this.database, records);
  }
}
