import { Inject, Injectable } from '@nestjs/common';
import type { InboundMessageRef, JsonObject } from '../contract/index.js';
import { asRecipient } from '../delivery/as-recipient.js';
import { PresenceService } from '../delivery/presence/presence.service.js';
import { type FoundAccount, GatewayDirectory } from '../gateway/gateway-directory.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import type { Delivery } from './event-queue.repository.js';

interface Mark {
  readonly found: FoundAccount;
  readonly message: InboundMessageRef;
}

const AT_ONCE = 4;
/** Beyond this the oldest marks are let go: they are a courtesy, and must not cost memory. */
const MOST_WAITING = 1_000;

/**
 * Marks messages as read by itself when the bot has taken them, where the gateway's settings ask for it. Nothing waits for it, and
 * nothing is tried again. A mark covers what came before, so of each dialog only the newest waits.
 */
@Injectable()
export class AutoRead {
  private readonly waiting = new Map<string, Mark>();
  private running = 0;

  constructor(
    private readonly directory: GatewayDirectory,
    private readonly presence: PresenceService,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** The bot has answered 2xx to an event. */
  taken(delivery: Delivery): void {
    const mark = this.markOf(delivery);
    if (!mark) return;
    this.waiting.delete(delivery.line);
    this.waiting.set(delivery.line, mark);
    const [oldest] = this.waiting.keys();
    if (this.waiting.size > MOST_WAITING && oldest !== undefined) this.waiting.delete(oldest);
    if (this.running < AT_ONCE) void this.work();
  }

  private async work(): Promise<void> {
    this.running += 1;
    try {
      for (;;) {
        const [next] = this.waiting;
        if (!next) return;
        const [line, { found, message }] = next;
        this.waiting.delete(line);
        await this.presence.showQuietly('read', found, message);
      }
    } catch (error) {
      this.log.warn({ err: error }, 'could not mark a message as read');
    } finally {
      this.running -= 1;
    }
  }

  private markOf({ type, gatewayId, body }: Delivery): Mark | undefined {
    if (type !== 'message.received') return undefined;
    const gateway = this.directory.byId(gatewayId);
    if (!gateway?.type.policies(gateway.settings).autoRead) return undefined;
    const { channel, account: named, contact = {}, message } = body as Named;
    const account = gateway.account(channel ?? '', named?.id ?? '');
    const providerId = message?.providerId;
    if (!account || providerId === undefined) return undefined;
    return { found: { gateway, account }, message: { providerId, from: asRecipient(contact) } };
  }
}

/** What of an event says whose message it is. */
interface Named {
  readonly channel?: string;
  readonly account?: { readonly id?: string };
  readonly contact?: JsonObject;
  readonly message?: { readonly providerId?: string };
}
