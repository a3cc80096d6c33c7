import { Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/database/database.js';
import { appendEvents } from '../platform/outbox/outbox.js';
import { closedEvent, isWanted, subjectOf } from './dialog-events.js';
import { type CloseReason, DialogRepository } from './dialog.repository.js';

export interface Closing {
  /** false: it was closed before */
  readonly closed: boolean;
  /** the dispatcher wants to be woken after the commit */
  readonly wroteEvents: boolean;
}

const NOTHING: Closing = { closed: false, wroteEvents: false };

/** Ends dialogs, whoever wants it: once, with the reason, and told in the same transaction. */
@Injectable()
export class DialogCloser {
  constructor(
    private readonly dialogs: DialogRepository,
    private readonly directory: GatewayDirectory,
    private readonly clock: Clock,
  ) {}

  async close(sql: Sql, id: string, reason: CloseReason): Promise<Closing> {
    if (!(await this.dialogs.close(sql, id, reason))) return NOTHING;
    const record = await this.dialogs.record(sql, id);
    const gateway = record && this.directory.byId(record.gatewayId);
    const account = gateway?.accounts.find((candidate) => candidate.id === record?.accountId);
    if (!record || !gateway || !account || !isWanted(gateway, account, 'dialog.closed'))
      return { closed: true, wroteEvents: false };
    const now = this.clock.now();
    return {
      closed: true,
      wroteEvents: await appendEvents(sql, [closedEvent(subjectOf(gateway, account, record), now)], now),
    };
  }
}
