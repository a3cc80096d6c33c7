import { Inject, Injectable } from '@nestjs/common';
import { type Principal, mayAccessGateway } from '../access/principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { isId } from '../platform/ids/ids.js';
import { appendEvents } from '../platform/outbox/outbox.js';
import { Problem } from '../platform/problem/problem.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { contactView, dialogEvent, isWanted, subjectOf, variablesOf, windowOfSubject } from './dialog-events.js';
import { type DialogRecord, DialogRepository, type DialogVariables } from './dialog.repository.js';
import { botView } from './responder.js';
import { windowView } from './window.js';

/** Dialogs as the API shows and changes them. */
@Injectable()
export class DialogReader {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly dialogs: DialogRepository,
    private readonly directory: GatewayDirectory,
    @Inject(kickerToken(QUEUES.dispatch)) private readonly dispatch: Kicker,
  ) {}

  /** An old id that became an alias leads to the dialog that goes on. @throws Problem 404 */
  async find(principal: Principal, id: string): Promise<DialogRecord> {
    const record = isId(id) ? await this.dialogs.record(this.database, id) : undefined;
    if (!record || !mayAccessGateway(principal, record.gatewayId))
      throw new Problem(404, 'dialog.not_found', 'There is no such dialog.');
    return record.aliasOf === null ? record : this.find(principal, record.aliasOf);
  }

  async list(filter: Parameters<DialogRepository['list']>[1]): Promise<readonly DialogRecord[]> {
    return this.dialogs.list(this.database, { ...filter, limit: filter.limit + 1 });
  }

  /** @throws Problem 409 when there is nothing left to change */
  async change(
    record: DialogRecord,
    { variables, close, resumeBot }: { variables?: DialogVariables; close: boolean; resumeBot: boolean },
  ): Promise<void> {
    const now = this.clock.now();
    const wrote = await this.database.transaction(async (sql) => {
      if (variables) await this.dialogs.setVariables(sql, record.id, variables);
      if (resumeBot) await this.dialogs.resumeBot(sql, record.id);
      if (!close || !(await this.dialogs.close(sql, record.id))) return false;
      const gateway = this.directory.byId(record.gatewayId);
      const account = gateway?.accounts.find(({ id }) => id === record.accountId);
      if (!gateway || !account || !isWanted(gateway, account, 'dialog.closed')) return false;
      const fresh = (await this.dialogs.record(sql, record.id)) ?? record;
      await appendEvents(sql, [dialogEvent('dialog.closed', subjectOf(gateway, account, fresh), now, now)], now);
      return true;
    });
    if (wrote) this.dispatch.kick('events');
  }

  view(record: DialogRecord): object {
    const gateway = this.directory.byId(record.gatewayId);
    const account = gateway?.accounts.find(({ id }) => id === record.accountId);
    const subject = gateway && account && subjectOf(gateway, account, record);
    return {
      id: record.id,
      status: record.closedAt ? 'closed' : 'open',
      gateway: { id: record.gatewayId, ...(gateway && { uri: gateway.uri, type: gateway.type.type }) },
      channel: record.channel,
      account: account ? { id: account.address, name: account.name } : null,
      contact: contactView(record.contact),
      startedAt: record.openedAt.toISOString(),
      closedAt: record.closedAt?.toISOString() ?? null,
      lastInboundAt: record.lastInboundAt?.toISOString() ?? null,
      bot: botView(record.bot, this.clock.now()),
      variables: subject ? variablesOf(subject) : record.variables,
      window: subject ? windowView(windowOfSubject(subject, this.clock.now())) : { state: 'unknown' },
    };
  }
}
