import type { Activity } from '../activity.js';
import type { WebhookTransport } from '../webhook-transport.js';
import type { Json, SimBot } from './types.js';

export interface SimDelivery {
  readonly update: Json;
  readonly status: number;
  readonly body: string;
}

/** Comes only to whoever asked for it; all else comes by default, too (core.telegram.org/bots/api, setWebhook). */
const ON_REQUEST = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

/**
 * Updates of one bot on their way to its webhook: in the order of their ids, one at a time, again and again until one is taken
 * with 2xx. Without a webhook they wait for one.
 */
export class Updates {
  private readonly waiting: Json[] = [];
  private isBusy = false;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bot: SimBot,
    private readonly transport: WebhookTransport,
    private readonly activity: Activity,
    private readonly retryMs: number,
    private readonly record: (delivery: SimDelivery) => void,
  ) {}

  get pending(): number {
    return this.waiting.length;
  }

  /** @returns the update, also when nobody wanted it. */
  add(kind: string, value: Json): Json {
    const update = { update_id: this.bot.nextUpdate, [kind]: value };
    this.bot.nextUpdate += 1;
    const wanted = this.bot.webhook?.updates ?? [];
    const isWanted = wanted.length === 0 ? !ON_REQUEST.has(kind) : wanted.includes(kind);
    if (isWanted) this.repeat(update);
    return update;
  }

  /** The same update once more, as after an answer that got lost. */
  repeat(update: Json): void {
    this.waiting.push(update);
    this.activity.begin();
    this.proceed();
  }

  /** A webhook was set: what waited for it goes. */
  proceed(): void {
    if (!this.isBusy && !this.isClosed) void this.work();
  }

  drop(): void {
    for (; this.waiting.length > 0; this.activity.end()) this.waiting.shift();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    while (!this.isClosed) {
      const [update] = this.waiting;
      const { webhook } = this.bot;
      if (!update || !webhook) break;
      const headers = {
        'user-agent': 'telegram',
        ...(webhook.secret !== undefined && { 'x-telegram-bot-api-secret-token': webhook.secret }),
      };
      const answer = await this.transport.post(webhook.url, Buffer.from(JSON.stringify(update)), headers);
      this.record({ update, status: answer.status, body: answer.body });
      if (answer.status >= 200 && answer.status < 300) {
        if (this.waiting[0] === update) {
          this.waiting.shift();
          this.activity.end();
        }
      } else {
        this.activity.changed();
        await new Promise<void>((resolve) => {
          this.timer = setTimeout(resolve, this.retryMs);
        });
      }
    }
    this.isBusy = false;
  }
}
