import { Inject, Injectable } from '@nestjs/common';
import type { CallOutcome, DialogEnd, JsonObject } from '../contract/index.js';
import { asRecipient } from '../delivery/as-recipient.js';
import { judge } from '../delivery/judge.js';
import { OutboundRepository } from '../delivery/outbound.repository.js';
import { callProvider } from '../gateway/call-provider.js';
import type { FoundAccount } from '../gateway/gateway-directory.js';
import { Database } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { CallResult } from './call-target.js';
import type { Delivery } from './event-queue.repository.js';

/** What is on its way out gets so long to leave before the network hears that its dialog has ended. */
const LAST_WORDS_MS = 5_000;
const LOOK_AGAIN_MS = 100;

/** Its channel was another one when the event was written. */
const NOBODY_LISTENS: CallOutcome = {
  status: 'refused',
  remote: { code: 'dialog.end.unheard', message: 'the channel tells its network of no ends' },
};

/** Tells networks that dialogs were ended on this side, through their channels. */
@Injectable()
export class NetworkTeller {
  constructor(
    private readonly database: Database,
    private readonly outbound: OutboundRepository,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** @param delivery of a `dialog.closed` */
  async tell({ gateway, account }: FoundAccount, delivery: Delivery): Promise<CallResult> {
    const channel = gateway.channel(account.channel);
    await this.lastWords(delivery.line);
    const call = gateway.accountCall(account);
    const outcome = await callProvider(
      this.log,
      async () => channel?.dialog.closed?.(endOf(delivery), call) ?? NOBODY_LISTENS,
    );
    if (outcome.status === 'ok') return { result: 'delivered', text: '' };
    if (outcome.status === 'unreachable') return { result: 'failed', reason: outcome.reason };
    const { action } = judge(channel?.outcomes ?? new Map(), outcome.remote);
    const reason = `${outcome.remote.code}: ${outcome.remote.message}`;
    return { result: action === 'retry' || action === 'hold' ? 'failed' : 'refused', reason };
  }

  /**
   * A bot says goodbye and ends the dialog in one answer: the network should hear it in that order. What is held, and what a campaign
   * has for them, is not waited for.
   */
  private async lastWords(threadId: string): Promise<void> {
    const until = performance.now() + LAST_WORDS_MS;
    while (performance.now() < until && (await this.outbound.isReplying(this.database, threadId)))
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** What of a `dialog.closed` a network is told. */
interface ClosedBody {
  readonly id: string;
  readonly occurredAt: string;
  readonly reason: DialogEnd['reason'];
  readonly contact: JsonObject;
}

function endOf({ body }: Delivery): DialogEnd {
  const { id, occurredAt, reason, contact } = body as unknown as ClosedBody;
  return { id, to: asRecipient(contact), reason, at: new Date(occurredAt) };
}
