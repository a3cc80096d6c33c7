import { Injectable } from '@nestjs/common';
import type { Price } from '../contract/index.js';
import { type EventType, isWanted, progressEvent, subjectOf } from '../dialog/dialog-events.js';
import { DialogRepository } from '../dialog/dialog.repository.js';
import type { MessageError } from '../dialog/message-status.js';
import { MessageRepository } from '../dialog/message.repository.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { Sql } from '../platform/database/database.js';
import { appendEvents } from '../platform/outbox/outbox.js';

/** A step of a message that bots may want to hear of. */
export interface MessageStep {
  readonly type: EventType;
  readonly at: Date;
  readonly message: {
    readonly id: string;
    readonly gatewayId: string;
    readonly accountId: string;
    readonly dialogId: string;
  };
  readonly status: string;
  readonly providerId?: string;
  readonly error?: MessageError;
  readonly price?: Price;
}

/** Tells bots what becomes of their messages: only what they asked for is loaded and written. */
@Injectable()
export class ProgressEvents {
  constructor(
    private readonly directory: GatewayDirectory,
    private readonly dialogs: DialogRepository,
    private readonly messages: MessageRepository,
  ) {}

  /** True when something was written, so that the dispatcher wants to be woken after the commit. */
  async write(sql: Sql, steps: readonly MessageStep[], now: Date): Promise<boolean> {
    const wanted = [];
    for (const step of steps) {
      const gateway = this.directory.byId(step.message.gatewayId);
      const account = gateway?.accounts.find(({ id }) => id === step.message.accountId);
      if (gateway && account && isWanted(gateway, account, step.type)) wanted.push({ step, gateway, account });
    }
    if (wanted.length === 0) return false;
    const records = await this.dialogs.records(sql, [...new Set(wanted.map(({ step }) => step.message.dialogId))]);
    const metadata = await this.messages.metadata(sql, [...new Set(wanted.map(({ step }) => step.message.id))]);
    const events = wanted.flatMap(({ step, gateway, account }) => {
      const record = records.get(step.message.dialogId);
      if (!record) return [];
      const subject = subjectOf(gateway, account, record);
      const progress = {
        id: step.message.id,
        status: step.status,
        metadata: metadata.get(step.message.id) ?? {},
        ...(step.providerId !== undefined && { providerId: step.providerId }),
        ...(step.error && { error: step.error }),
        ...(step.price && { price: step.price }),
      };
      return [progressEvent(step.type, subject, progress, step.at, now)];
    });
    await appendEvents(sql, events, now);
    return events.length > 0;
  }
}

/** The event that a status is told by, if any. */
export function eventTypeOf(status: string): EventType | undefined {
  switch (status) {
    case 'held':
    case 'accepted':
    case 'sent':
    case 'delivered':
    case 'read':
    case 'failed':
    case 'expired':
      return `message.${status}`;
    default:
      return undefined;
  }
}
