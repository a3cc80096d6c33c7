import { Inject, Injectable } from '@nestjs/common';
import type { AccountCall, CallOutcome, InboundMessageRef, PresenceFacet } from '../../contract/index.js';
import type { DialogRecord } from '../../dialog/dialog.repository.js';
import { type LastInbound, LastInboundRepository } from '../../dialog/last-inbound.repository.js';
import { callProvider } from '../../gateway/call-provider.js';
import { type FoundAccount, GatewayDirectory } from '../../gateway/gateway-directory.js';
import { providerProblem } from '../../gateway/provider-problem.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Log } from '../../platform/logging/log.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import { requireSendable } from '../accept/choose-account.js';
import { RecipientResolver } from '../accept/recipient-resolver.service.js';
import { asRecipient } from '../as-recipient.js';

export type Sign = 'read' | 'typing';

const DAY_MS = 24 * 60 * 60_000;

/**
 * Shows a person that their message was read, or that an answer is being written. Such calls are no messages: they take no turn, no
 * place of a limit and no slot of a pace.
 */
@Injectable()
export class PresenceService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly lastInbound: LastInboundRepository,
    private readonly recipients: RecipientResolver,
    private readonly metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Returns the message that it was shown for: the last one of the person. @throws Problem 409, 422 or 502 */
  async show(sign: Sign, dialog: DialogRecord): Promise<LastInbound> {
    const found = this.directory.accountById(dialog.accountId);
    if (!found) throw new Problem(422, 'account.unknown', 'The account of this dialog was removed.');
    const { gateway, account } = found;
    requireSendable(gateway, account);
    const channel = gateway.channel(account.channel);
    const presence = channel?.outbound.presence;
    const tell = presence && callOf(sign, presence);
    if (!tell) throw unsupported(account.channel, presence);
    const last = await this.lastInbound.of(this.database, dialog.threadId);
    this.requireMarkable(last, presence);
    const message = {
      providerId: last.providerId,
      from: asRecipient(this.recipients.ofDialog(dialog, account).address),
    };
    const outcome = await this.counted(sign, found, () => tell(message, gateway.interactiveAccountCall(account)));
    if (outcome.status !== 'ok') throw providerProblem(outcome, channel.outcomes, 'presence.refused');
    return last;
  }

  /** Without anybody who waits for it: what fails is counted and logged, and not tried again. */
  async showQuietly(sign: Sign, found: FoundAccount, message: InboundMessageRef): Promise<void> {
    const { gateway, account } = found;
    const presence = gateway.channel(account.channel)?.outbound.presence;
    const tell = presence && callOf(sign, presence);
    if (!tell || !gateway.enabled || !account.active || !account.enabled) return;
    const outcome = await this.counted(sign, found, () => tell(message, gateway.accountCall(account)));
    if (outcome.status === 'ok') return;
    const reason = outcome.status === 'refused' ? `${outcome.remote.code}: ${outcome.remote.message}` : outcome.reason;
    this.log.info({ gateway: gateway.uri, account: account.address, sign, reason }, 'a message could not be marked');
  }

  private async counted(sign: Sign, { account }: FoundAccount, call: () => Promise<CallOutcome>): Promise<CallOutcome> {
    const outcome = await callProvider(this.log, call);
    this.metrics.presence.inc({ channel: account.channel, sign, result: outcome.status });
    return outcome;
  }

  private requireMarkable(last: LastInbound | undefined, { markableMs }: PresenceFacet): asserts last is LastInbound {
    if (!last) {
      const detail = 'The person has written nothing here yet, so there is nothing that could be read or answered.';
      throw new Problem(422, 'presence.no_message', detail);
    }
    if (markableMs === undefined || last.occurredAt.getTime() + markableMs > this.clock.now().getTime()) return;
    const days = Math.round(markableMs / DAY_MS);
    const detail = `The person's last message is of ${last.occurredAt.toISOString()}: the network takes this for ${days} days.`;
    throw new Problem(422, 'presence.too_old', detail);
  }
}

type Tell = (message: InboundMessageRef, call: AccountCall) => Promise<CallOutcome>;

/** undefined: the network has no such sign. */
function callOf(sign: Sign, presence: PresenceFacet): Tell | undefined {
  if (sign === 'typing') return presence.typing.bind(presence);
  return presence.markRead?.bind(presence);
}

function unsupported(channel: string, presence: PresenceFacet | undefined): Problem {
  const detail = presence
    ? `The channel ${channel} cannot mark messages as read. It can show that an answer is being written: POST /dialogs/:id/typing.`
    : `The channel ${channel} shows people neither reading nor typing.`;
  return new Problem(422, 'presence.unsupported', detail);
}
