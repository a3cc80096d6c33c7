import { Inject, Injectable } from '@nestjs/common';
import type { CallOutcome, PresenceFacet } from '../../contract/index.js';
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
    const facet = channel?.outbound.presence;
    if (!facet) throw unsupported(account.channel);
    const last = await this.lastInbound.of(this.database, dialog.threadId);
    this.requireMarkable(last, facet);
    const call = gateway.interactiveAccountCall(account);
    const outcome = await this.tell(sign, { facet, found, providerId: last.providerId }, call);
    if (outcome.status !== 'ok') throw providerProblem(outcome, channel.outcomes, 'presence.refused');
    return last;
  }

  /** Without anybody who waits for it: what fails is counted and logged, and not tried again. */
  async showQuietly(sign: Sign, found: FoundAccount, providerId: string): Promise<void> {
    const { gateway, account } = found;
    const facet = gateway.channel(account.channel)?.outbound.presence;
    if (!facet || !gateway.enabled || !account.active || !account.enabled) return;
    const outcome = await this.tell(sign, { facet, found, providerId }, gateway.accountCall(account));
    if (outcome.status === 'ok') return;
    const reason = outcome.status === 'refused' ? `${outcome.remote.code}: ${outcome.remote.message}` : outcome.reason;
    this.log.info({ gateway: gateway.uri, account: account.address, sign, reason }, 'a message could not be marked');
  }

  private async tell(
    sign: Sign,
    { facet, found, providerId }: { facet: PresenceFacet; found: FoundAccount; providerId: string },
    call: Parameters<PresenceFacet['markRead']>[1],
  ): Promise<CallOutcome> {
    const outcome = await callProvider(this.log, () =>
      sign === 'read' ? facet.markRead(providerId, call) : facet.typing(providerId, call),
    );
    this.metrics.presence.inc({ channel: found.account.channel, sign, result: outcome.status });
    return outcome;
  }

  private requireMarkable(last: LastInbound | undefined, { markableMs }: PresenceFacet): asserts last is LastInbound {
    if (!last) {
      const detail = 'The person has written nothing here yet, so there is nothing that could be read or answered.';
      throw new Problem(422, 'presence.no_message', detail);
    }
    const endsAt = new Date(last.occurredAt.getTime() + markableMs);
    if (endsAt > this.clock.now()) return;
    const days = Math.round(markableMs / DAY_MS);
    const detail = `The person's last message is of ${last.occurredAt.toISOString()}: the network knows messages for ${days} days.`;
    throw new Problem(422, 'presence.too_old', detail);
  }
}

function unsupported(channel: string): Problem {
  return new Problem(422, 'presence.unsupported', `The channel ${channel} shows people neither reading nor typing.`);
}
