import { Inject, Injectable } from '@nestjs/common';
import type { Verification, WebhookReply, WebhookRequest } from '../contract/index.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { LoadedGateway } from '../gateway/loaded-gateway.js';
import { crashPoint } from '../platform/faults/crash-point.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { Problem } from '../platform/problem/problem.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import { SignatureWatch } from './signature-watch.service.js';
import { JournalRepository } from './journal.repository.js';

/** A callback URI, with the gateways that it takes events for. */
export interface Callback {
  readonly scope: string;
  readonly gateways: readonly LoadedGateway[];
}

/**
 * The hot path of a provider's POST: signature over the raw bytes, is it JSON, one durable append, 200. Everything else
 * happens later. A body that cannot be stored is answered 503, so that the provider sends it again.
 */
@Injectable()
export class InboxAcceptService {
  constructor(
    private readonly journal: JournalRepository,
    private readonly directory: GatewayDirectory,
    private readonly metrics: Metrics,
    private readonly signatures: SignatureWatch,
    @Inject(kickerToken(QUEUES.inbox)) private readonly inbox: Kicker,
  ) {}

  /** bytes */
  maxBytes({ gateways }: Callback): number {
    return Math.max(...gateways.map(({ type }) => type.webhook.maxBytes));
  }

  handshake(callback: Callback, request: WebhookRequest): WebhookReply | undefined {
    const replies = callback.gateways.map((gateway) => gateway.type.webhook.handshake(request, gateway.context()));
    return replies.find((reply) => reply && reply.status < 300) ?? replies.find((reply) => reply !== undefined);
  }

  /** @throws Problem 400 or 401; anything else thrown means that nothing is known to be stored */
  async accept(callback: Callback, request: WebhookRequest): Promise<void> {
    this.verify(callback, request);
    if (!isJson(request.body)) {
      this.count(callback, 'invalid');
      throw new Problem(400, 'body.malformed', 'The body is not valid JSON.');
    }
    await this.journal.append({ scope: callback.scope, body: request.body });
    crashPoint('after-append');
    this.inbox.kick(callback.scope);
    this.count(callback, 'accepted');
  }

  private verify(callback: Callback, request: WebhookRequest): void {
    const verdicts = callback.gateways.map((gateway): Verification =>
      gateway.type.webhook.verify(request, gateway.context()),
    );
    if (verdicts.some(({ ok }) => ok)) return;
    const reasons = new Set(verdicts.map((verdict) => (verdict.ok ? '' : verdict.why)));
    if (reasons.has('forged')) {
      this.count(callback, 'forged');
      this.signatures.refused(callback.gateways);
      throw new Problem(401, 'webhook.signature.invalid', 'The signature does not match the body.');
    }
    if (reasons.has('unsigned')) {
      this.count(callback, 'unsigned');
      throw new Problem(401, 'webhook.signature.missing', 'The request carries no signature.');
    }
    if (reasons.has('stale')) {
      this.count(callback, 'stale');
      throw new Problem(
        401,
        'webhook.timestamp.stale',
        'The signature is right, but its timestamp is too far from now: sign every try anew, with a clock that is right.',
      );
    }
    this.count(callback, 'not_configured');
    throw new Problem(
      401,
      'webhook.secret.missing',
      'Signatures cannot be checked: the gateway has no secret for them. Set it in its metadata (client_secret at Meta), and the provider’s next try is taken.',
    );
  }

  count({ gateways }: Callback, result: string): void {
    this.metrics.providerEvents.inc({ gateway: gateways[0]?.uri ?? '', result });
  }

  byUri(uri: string): Callback | undefined {
    const gateway = this.directory.byUri(uri);
    return gateway && { scope: gateway.id, gateways: [gateway] };
  }

  byAppKey(prefix: string, key: string): Callback | undefined {
    const gateways = this.directory.byAppKey(prefix, key);
    return gateways.length > 0 ? { scope: `${prefix}/${key}`, gateways } : undefined;
  }
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
