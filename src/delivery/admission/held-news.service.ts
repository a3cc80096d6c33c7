import { Injectable } from '@nestjs/common';
import type { Held } from '../../dialog/message-status.js';
import type { Sql } from '../../platform/database/database.js';
import { timeOfId } from '../../platform/ids/ids.js';
import { ProgressEvents } from '../progress-events.service.js';
import { ProgressRepository } from '../progress.repository.js';

/** Says on messages, and to those who listen, what holds them. */
@Injectable()
export class HeldNews {
  constructor(
    private readonly progress: ProgressRepository,
    private readonly events: ProgressEvents,
  ) {}

  /** True when an event was written, so that the dispatcher wants to be woken after the commit. */
  async tell(sql: Sql, news: ReadonlyMap<string, Held>, now: Date): Promise<boolean> {
    if (news.size === 0) return false;
    const records = await this.progress.lock(sql, [...news.keys()]);
    const told = records.flatMap((message) => {
      const held = news.get(message.id);
      // A pass may find a message that was taken after it began.
      const taken = timeOfId(message.id) ?? now;
      const at = taken > now ? taken : now;
      return held ? [{ message, held, at }] : [];
    });
    await this.progress.update(
      sql,
      told.map(({ message, held, at }) => ({
        messageId: message.id,
        status: 'held' as const,
        held,
        notes: [{ key: `held#${held.reason}#${now.getTime()}`, status: 'held', at, detail: { ...held } }],
      })),
      now,
    );
    return this.events.write(
      sql,
      told.map(({ message, at }) => ({ type: 'message.held' as const, at, message, status: 'held' })),
      now,
    );
  }
}
