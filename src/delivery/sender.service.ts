import { Inject, Injectable } from '@nestjs/common';
import {
  type Channel,
  type Content,
  type OutboundMessage,
  type SendOutcome,
  type TravellingFile,
  degrade,
} from '../contract/index.js';
import type { MessageRecord } from '../dialog/message-record.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import { Clock } from '../platform/clock/clock.js';
import { crashPoint } from '../platform/faults/crash-point.js';
import { Batcher } from '../platform/database/batcher.js';
import { Database, isConnectionError } from '../platform/database/database.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { INSTALLATION_ID, LOG } from '../platform/platform.tokens.js';
import { ProcessRegistry } from '../platform/process/process-registry.js';
import { asRecipient } from './as-recipient.js';
import { type Admitted, AttemptRepository, type Won } from './attempt.repository.js';
import { attemptReference } from './attempt-reference.js';
import { ownError } from './judge.js';
import type { Scheduled, SendJob } from './admission/send-job.js';
import { OutcomePolicy } from './outcome-policy.service.js';
import { SenderFiles } from './sender-files.service.js';
import { type Settlement, SettleService } from './settle.service.js';
import { WirePace } from './wire-pace.js';

/** A claim older than this is not acted on: others may hold this process for dead. */
const CLAIM_LIFE_MS = 5_000;

/** An outcome that could not be written down is written down later: it is known nowhere else. */
const SETTLE_AGAIN_MS = 500;
const MAX_SETTLE_FAILURES = 5;

/** By then the request has left: where the fault tests may end the process before the answer. */
const WIRE_MS = 50;

interface Ready extends Won {
  readonly claimedAtMs: number;
}

/**
 * Puts one admitted message on the wire. The claim is committed before the first byte leaves; what the network answers, or
 * that it did not answer, becomes a settlement. Nothing here decides when a message may go: admission did.
 */
@Injectable()
export class SenderService {
  private readonly claims = new Batcher<Admitted, Ready | undefined>(
    (items) => this.claimAll(items),
    { maxItems: 200, concurrency: 2 },
    (error) => !isConnectionError(error),
  );
  /** attempts that this process works on, from before their claim until their outcome is on record */
  private readonly inHand = new Set<string>();
  private readonly pace: WirePace;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly directory: GatewayDirectory,
    private readonly attempts: AttemptRepository,
    private readonly policy: OutcomePolicy,
    private readonly settle: SettleService,
    private readonly processes: ProcessRegistry,
    private readonly files: SenderFiles,
    @Inject(INSTALLATION_ID) private readonly installationId: string,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.pace = new WirePace(clock);
  }

  /** Resolves when the outcome is on record; a message that somebody else claimed, or that is gone, is left alone. */
  async send(admitted: Scheduled, { accountId, perSecond }: Pick<SendJob, 'accountId' | 'perSecond'>): Promise<void> {
    crashPoint('before-claim');
    this.inHand.add(admitted.attemptId);
    let ready: Ready | undefined;
    try {
      ready = await this.claims.submit(admitted);
    } catch (error) {
      this.inHand.delete(admitted.attemptId);
      throw error;
    }
    // What fails from here on stays in hand: it may have left, so only its receipt or the end of this process decides it.
    if (ready) {
      await this.pace.turn(accountId, { perSecond, ...admitted });
      await this.carry(ready);
    }
    this.inHand.delete(admitted.attemptId);
  }

  /**
   * Whether this process works on an attempt. One that is claimed in its name and not in its hand was claimed by a statement
   * whose answer got lost with the connection: nothing of it went on the wire.
   */
  has(attemptId: string): boolean {
    return this.inHand.has(attemptId);
  }

  private async carry(ready: Ready): Promise<void> {
    crashPoint('after-claim');
    const { claim, record } = ready;
    const gateway = this.directory.byId(record.gatewayId);
    const account = gateway?.accounts.find(({ id }) => id === record.accountId);
    const channel = gateway?.channel(record.channel);
    if (!gateway || !account || !channel) {
      const error = ownError(
        'account.unknown',
        'The account is gone',
        'The gateway or account of this message was removed before it could be sent.',
      );
      await this.record({ ...claim, result: 'failed', error });
      return;
    }
    if (claim.expiresAt && claim.expiresAt <= this.clock.now()) {
      const error = ownError(
        'message.expired',
        'Too late',
        `expiresAt (${claim.expiresAt.toISOString()}) passed before its turn came.`,
      );
      await this.record({ ...claim, result: 'failed', status: 'expired', error });
      return;
    }
    const attempted = { claim, record, gateway, account, channel };
    const files = await this.files.prepare(attempted);
    if (files.settlement) return this.record(files.settlement);

    const outcome = await this.call(ready, files, gateway, account, channel);
    crashPoint('after-answer');
    this.log.info(
      {
        message: record.id,
        attempt: claim.attemptId,
        account: account.address,
        outcome: outcome.status,
        ...codeOf(outcome),
      },
      'sent',
    );
    await this.persist(async () =>
      this.settle.settle(
        (await this.files.afterRefusal(attempted, outcome)) ?? (await this.policy.judge(attempted, outcome)),
      ),
    );
    await this.files.afterAcceptance(attempted, outcome);
  }

  private record(settlement: Settlement): Promise<void> {
    return this.persist(() => this.settle.settle(settlement));
  }

  /** Settling is idempotent, so it is tried for as long as the database is away, and a few times whatever else is wrong. */
  private async persist(settle: () => Promise<unknown>): Promise<void> {
    for (let failures = 0; ;) {
      try {
        await settle();
        return;
      } catch (error) {
        if (!isConnectionError(error)) failures += 1;
        if (failures >= MAX_SETTLE_FAILURES) throw error;
        await new Promise((resolve) => setTimeout(resolve, SETTLE_AGAIN_MS));
      }
    }
  }

  private async call(
    { claim, record, claimedAtMs }: Ready,
    { content, files }: { readonly content: Content; readonly files?: ReadonlyMap<string, TravellingFile> },
    gateway: LoadedGateway,
    account: LoadedAccount,
    channel: Channel,
  ): Promise<SendOutcome> {
    try {
      const part = channel.outbound.render(outboundMessage(record, content, channel), gateway.accountContext(account));
      if (!this.processes.isFresh || performance.now() - claimedAtMs > CLAIM_LIFE_MS) {
        return { status: 'unsent', reason: 'this process stood still after it had claimed the message' };
      }
      const sending = channel.outbound.send(part, attemptReference(this.installationId, claim.attemptId), {
        ...gateway.accountCall(account),
        ...(files && { files }),
      });
      setTimeout(() => crashPoint('after-wire'), WIRE_MS).unref();
      const outcome = await sending;
      this.metrics.sendResults.inc({ channel: channel.channel, code: outcome.status });
      return outcome;
    } catch (error) {
      // A channel broke its contract. Whether a request left cannot be known from here, so nothing is sent again blindly.
      this.log.error(
        { err: error, message: record.id, channel: channel.channel },
        'a channel threw instead of returning an outcome',
      );
      return { status: 'unknown', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  private async claimAll(items: readonly Admitted[]): Promise<readonly (Ready | undefined)[]> {
    const claimedAtMs = performance.now();
    const won = await this.attempts.claim(this.database, items, this.processes.id, this.clock.now());
    const ready = new Map(
      won.map(({ claim, record }): [string, Ready] => [claim.attemptId, { claim, record, claimedAtMs }]),
    );
    return items.map(({ attemptId }) => ready.get(attemptId));
  }
}

/** In the form that the channel can show; what that changed was noted when the message was taken. */
function outboundMessage(record: MessageRecord, given: Content, channel: Channel): OutboundMessage {
  const { content } = degrade(given, channel.capabilities);
  return {
    to: asRecipient(record.recipient ?? {}),
    content:
      content.type === 'reaction' ? { ...content, messageId: record.replyToProvider ?? content.messageId } : content,
    ...(record.replyToProvider !== undefined && { replyTo: record.replyToProvider }),
    ...(record.context?.['late'] === 'human' && { late: 'human' as const }),
  };
}

function codeOf(outcome: SendOutcome): object {
  switch (outcome.status) {
    case 'refused':
      return { code: outcome.remote.code };
    case 'unsent':
    case 'unknown':
      return { reason: outcome.reason };
    case 'accepted':
      return {};
  }
}
