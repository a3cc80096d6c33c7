import { Inject, Injectable } from '@nestjs/common';
import { type Principal, mayAccessGateway } from '../access/principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { isId } from '../platform/ids/ids.js';
import { withdrawFromBot } from '../platform/outbox/outbox.js';
import { Problem } from '../platform/problem/problem.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { DialogCloser } from './dialog-closer.service.js';
import { contactView, subjectOf, variablesOf, windowOfSubject } from './dialog-events.js';
import { type DialogRecord, DialogRepository, type DialogVariables } from './dialog.repository.js';
import { type Assignment, assigneeView, botView } from './responder.js';
import { windowView } from './window.js';

/** Dialogs as the API shows and changes them. */
@Injectable()
export class DialogReader {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly dialogs: DialogRepository,
    private readonly closer: DialogCloser,
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

  async change(
    record: DialogRecord,
    { variables, close, resumeBot }: { variables?: DialogVariables; close: boolean; resumeBot: boolean },
  ): Promise<void> {
    const wrote = await this.database.transaction(async (sql) => {
      if (variables) await this.dialogs.setVariables(sql, record.id, variables);
      if (resumeBot) await this.dialogs.resumeBot(sql, record.id);
      return close && (await this.closer.close(sql, record.id, 'api')).wroteEvents;
    });
    if (wrote) this.dispatch.kick('events');
  }

  /**
   * An operator takes the dialog over: the bot is silent in it until it is released, or until then. Also what the bot was about to
   * be told is not its any more, and what it is just answering is not carried out.
   *
   * @throws Problem 409 `dialog.closed`
   */
  async assign(record: DialogRecord, to: string, until: Date | null): Promise<void> {
    const assignment: Assignment = { to, since: this.clock.now(), until };
    const isOpen = await this.database.transaction(async (sql) => {
      if (!(await this.dialogs.assign(sql, record.id, assignment))) return false;
      await withdrawFromBot(sql, [record.threadId], 'message.%');
      return true;
    });
    if (!isOpen)
      throw new Problem(
        409,
        'dialog.closed',
        'The dialog is closed; the customer’s next message, or one to them, opens a new one, which can be assigned.',
      );
  }

  /** The bot answers again; what came meanwhile stays in the history. Released twice changes nothing. */
  async release(record: DialogRecord): Promise<void> {
    await this.dialogs.release(this.database, record.id);
  }

  view(record: DialogRecord): object {
    const gateway = this.directory.byId(record.gatewayId);
    const account = gateway?.accounts.find(({ id }) => id === record.accountId);
    const subject = gateway && account && subjectOf(gateway, account, record);
    const assignee = assigneeView(record.bot, this.clock.now());
    return {
      id: record.id,
      status: record.closedAt ? 'closed' : 'open',
      gateway: { id: record.gatewayId, ...(gateway && { uri: gateway.uri, type: gateway.type.type }) },
      channel: record.channel,
      account: account ? { id: account.address, name: account.name } : null,
      contact: contactView(record.contact),
      startedAt: record.openedAt.toISOString(),
      closedAt: record.closedAt?.toISOString() ?? null,
      ...(record.closeReason !== null && { closeReason: record.closeReason }),
      lastInboundAt: record.lastInboundAt?.toISOString() ?? null,
      bot: botView(record.bot, this.clock.now()),
      ...(assignee && !record.closedAt && { assignee }),
      variables: subject ? variablesOf(subject) : record.variables,
      window: subject ? windowView(windowOfSubject(subject, this.clock.now())) : { state: 'unknown' },
    };
  }
}
