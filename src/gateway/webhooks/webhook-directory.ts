import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { Notifications } from '../../platform/notify/notifications.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Cipher } from '../../platform/secrets/cipher.js';
import { openSecret } from '../stored-metadata.js';
import { newSecret } from '../judge-target.js';
import { listenerId, listenerUrl } from './in-process-url.js';
import { WEBHOOK_CHANGES, WebhookRepository, type WebhookRow, subscriberOf } from './webhook.repository.js';

/** A webhook ready for use. Its secret is in clear here: never log it. */
export interface LoadedWebhook {
  readonly id: string;
  /** its name in the outbox */
  readonly subscriber: string;
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  /** names, or `*` for all */
  readonly events: readonly string[];
  /** null: all */
  readonly gateways: readonly string[] | null;
  readonly disabledReason?: string;
}

const RETRY_MS = 500;

/**
 * Every webhook, in memory: whether one wants an event costs no query, and nothing at all for a gateway that has none. Kept
 * fresh like the gateways: by notification, whole (they are few), and by the writing process before it answers.
 */
@Injectable()
export class WebhookDirectory implements OnModuleInit, OnApplicationBootstrap {
  private webhooks = new Map<string, LoadedWebhook>();
  /** those that are called, of gateways that somebody named: these and the ones for all */
  private named = new Map<string, readonly LoadedWebhook[]>();
  /** those that are called, for all gateways */
  private everywhere: readonly LoadedWebhook[] = [];
  /** the load under way, or the last one */
  private current: Promise<void> = Promise.resolve();
  /** the load that will start when that one is done */
  private next: Promise<void> | undefined;

  constructor(
    private readonly rows: WebhookRepository,
    private readonly cipher: Cipher,
    private readonly clock: Clock,
    private readonly notifications: Notifications,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async onModuleInit(): Promise<void> {
    this.notifications.on(WEBHOOK_CHANGES, () => void this.refreshLater());
    await this.refresh();
    for (const { id, url, disabledReason } of this.webhooks.values()) {
      if (disabledReason !== undefined)
        this.log.warn({ webhook: id, url, reason: disabledReason }, 'a webhook needs attention');
    }
  }

  /** Once more now that the process listens for changes: one may have been made between the first reading and that. */
  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
  }

  all(): readonly LoadedWebhook[] {
    return [...this.webhooks.values()];
  }

  byId(id: string): LoadedWebhook | undefined {
    return this.webhooks.get(id);
  }

  /** The webhooks that hear of a gateway. One that answered 410 wants nothing more. */
  of(gatewayId: string): readonly LoadedWebhook[] {
    return this.named.get(gatewayId) ?? this.everywhere;
  }

  /** It answered 410: it is not called again. */
  async disable(id: string, reason: string): Promise<void> {
    await this.rows.disable(id, reason, this.clock.now());
    await this.settle();
  }

  /** A listener in a process says what it wants to be told; from now on every process writes it down for it. */
  async declareListener(name: string, events: readonly string[]): Promise<void> {
    const now = this.clock.now();
    await this.rows.declare({
      id: listenerId(name),
      url: listenerUrl(name),
      // Nobody signs for it; the column wants one.
      secret: { encrypted: this.cipher.encrypt(newSecret()) },
      events,
      gateways: null,
      disabled_reason: null,
      created_at: now,
      updated_at: now,
    });
    await this.settle();
  }

  /** After a committed change: in force in this process before the request is answered. */
  async settle(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      // The change is committed: the notification that went with it makes every process, this one too, try until it reads it.
      this.log.warn({ err: error }, 'could not read the webhooks back after a change');
    }
  }

  /** Resolves when what was committed before the call is in force here. */
  private refresh(): Promise<void> {
    // The load under way may have read before that commit, so it does not count; one more serves everybody who waits.
    this.next ??= this.current
      .catch(() => undefined)
      .then(() => {
        this.current = this.next ?? Promise.resolve();
        this.next = undefined;
        return this.load();
      });
    return this.next;
  }

  private async refreshLater(): Promise<void> {
    for (;;) {
      try {
        await this.refresh();
        return;
      } catch (error) {
        this.log.warn({ err: error }, 'could not read the changed webhooks; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  private async load(): Promise<void> {
    const rows = await this.rows.all();
    const loaded = rows.map((row) => openWebhook(row, this.cipher));
    const called = loaded.filter(({ disabledReason }) => disabledReason === undefined);
    const gateways = new Set(called.flatMap((webhook) => webhook.gateways ?? []));
    this.webhooks = new Map(loaded.map((webhook) => [webhook.id, webhook]));
    this.everywhere = called.filter((webhook) => webhook.gateways === null);
    this.named = new Map(
      [...gateways].map((id) => [id, called.filter((webhook) => webhook.gateways?.includes(id) ?? true)]),
    );
  }
}

/** One whose secret cannot be read cannot be signed for: it is not called, and the others are. */
export function openWebhook(row: WebhookRow, cipher: Cipher): LoadedWebhook {
  const secret = openSecret(row.secret.encrypted, cipher);
  const reason = row.disabled_reason ?? (secret.ok ? undefined : `its secret cannot be read: ${secret.reason}`);
  return {
    id: row.id,
    subscriber: subscriberOf(row.id),
    url: row.url,
    secret: secret.ok ? secret.value : '',
    events: row.events,
    gateways: row.gateways,
    ...(reason !== undefined && { disabledReason: reason }),
  };
}
