import type { Activity } from './activity.js';
import { BoundedLog } from './bounded-log.js';
import type { Clock, Timers } from './clock.js';
import type { Faults } from './faults.js';
import type { Random } from './random.js';
import { encodeLikeMeta } from './webhook-body.js';
import { targetsOf } from './webhook-targets.js';
import type { Target } from './webhook-targets.js';
import type { WebhookTransport } from './webhook-transport.js';
import { envelopeOf } from './webhook-update.js';
import type { Update } from './webhook-update.js';
import type { World } from './world.js';

export interface RetryPolicy {
  firstMs: number;
  factor: number;
  capMs: number;
  /** After this time since the first attempt the webhook is dropped. Meta: 7 days */
  giveUpAfterMs: number;
}

/** One attempt to deliver a webhook. */
export interface WebhookAttempt {
  /** The same for all attempts of one delivery; duplicates are deliveries of their own. */
  delivery: number;
  attempt: number;
  at: number;
  appId: string;
  url: string;
  /** The body as it was signed and sent. */
  body: string;
  /** 0 = no answer. */
  status: number;
  error: string | undefined;
}

type AttemptFacts = Omit<WebhookAttempt, 'body'> & { body: Buffer };

/** Keeps the bytes as they are: most records are never looked at. */
class RecordedAttempt implements WebhookAttempt {
  readonly delivery: number;
  readonly attempt: number;
  readonly at: number;
  readonly appId: string;
  readonly url: string;
  readonly status: number;
  readonly error: string | undefined;
  readonly #bytes: Buffer;

  constructor({ delivery, attempt, at, appId, url, status, error, body }: AttemptFacts) {
    this.delivery = delivery;
    this.attempt = attempt;
    this.at = at;
    this.appId = appId;
    this.url = url;
    this.status = status;
    this.error = error;
    this.#bytes = body;
  }

  get body(): string {
    return this.#bytes.toString('latin1');
  }

  toJSON(): object {
    return Object.assign({}, this, { body: this.body });
  }
}

export interface WebhookCounts {
  delivered: number;
  /** Given up. */
  dropped: number;
  /** Updates that no app wanted. */
  unrouted: number;
}

export interface SenderParts {
  world: World;
  clock: Clock;
  timers: Timers;
  activity: Activity;
  faults: Faults;
  random: Random;
  /** Draws how many statuses share a POST. */
  sizes: Random;
  transport: WebhookTransport;
  retry: RetryPolicy;
  record: number;
  /** Statuses go out in POSTs of 1 to so many; 1 = each by itself and in order. */
  statusBatch: number;
}

/** Updates that wait for company: statuses, or what a `batch` or `reorder` fault holds. */
interface Group {
  updates: Update[];
  size: number;
  flush: () => void;
}

/** Statuses do not wait longer than this for company. */
const STATUSES_WITHIN_MS = 10;

/** Takes updates to the apps that want them, and insists until each answers 200. Meta: webhooks/overview, "retry" */
export class WebhookSender {
  readonly attempts: BoundedLog<WebhookAttempt>;
  readonly counts: WebhookCounts = { delivered: 0, dropped: 0, unrouted: 0 };
  private readonly groups = new Map<string, Group>();
  private deliveries = 0;
  /** Grows on reset: deliveries of an older generation are not retried. */
  private generation = 0;

  constructor(private readonly parts: SenderParts) {
    this.attempts = new BoundedLog(parts.record);
  }

  /**
   * Puts an update on its way. Resolves when every target has answered the first attempt, in whatever way; undefined when it
   * waits for company first.
   */
  publish(update: Update): Promise<void> | undefined {
    const plan = this.parts.faults.forUpdate(update);
    const copies = plan.duplicate ?? 0;
    if (plan.batch !== undefined) {
      const { batch } = plan;
      return this.gather(`batch ${batch}`, update, batch, plan.withinMs, (updates) => this.post(updates, copies));
    }
    if (plan.reorder !== undefined) {
      const size = plan.reorder === true ? 2 : plan.reorder;
      return this.gather(`reorder ${size}`, update, size, plan.withinMs, async (updates) => {
        for (const shuffled of this.parts.random.shuffle(updates)) {
          await this.post([shuffled], copies);
        }
      });
    }
    if (update.kind === 'status' && this.parts.statusBatch > 1) {
      const name = `statuses ${update.phoneNumberId}`;
      return this.gather(
        name,
        update,
        () => this.statusBatch(),
        STATUSES_WITHIN_MS,
        (updates) => this.post(updates, copies),
      );
    }
    return this.post([update], copies);
  }

  /** An envelope to one target, past the faults of updates. Resolves with the answer to the first attempt. */
  publishTo(target: Target, envelope: object): Promise<void> {
    const body = encodeLikeMeta(envelope);
    return new Promise((resolve) => void this.deliver(target, body, resolve));
  }

  /** Drops what waits to be retried or grouped, and the counts. */
  reset(): void {
    this.generation += 1;
    this.groups.clear();
    this.attempts.clear();
    Object.assign(this.counts, { delivered: 0, dropped: 0, unrouted: 0 });
  }

  /** Meta puts together what there is, so all sizes occur. */
  private statusBatch(): number {
    return 1 + Math.floor(this.parts.sizes.next() * this.parts.statusBatch);
  }

  private gather(
    name: string,
    update: Update,
    size: number | (() => number),
    withinMs = 100,
    send: (updates: Update[]) => Promise<void>,
  ): undefined {
    const { activity, timers } = this.parts;
    let group = this.groups.get(name);
    if (group === undefined) {
      activity.begin();
      let isOver = false;
      const finish = (): void => {
        if (!isOver) {
          isOver = true;
          activity.end();
        }
      };
      const gathered: Group = {
        updates: [],
        size: typeof size === 'number' ? size : size(),
        flush: () => {
          if (this.groups.get(name) === gathered) {
            this.groups.delete(name);
            void send(gathered.updates).finally(finish);
          }
        },
      };
      group = gathered;
      this.groups.set(name, group);
      timers.after(withinMs, gathered.flush, finish);
    }
    group.updates.push(update);
    if (group.updates.length >= group.size) {
      group.flush();
    }
    return undefined;
  }

  private async post(updates: readonly Update[], copies: number): Promise<void> {
    const firstAttempts: Promise<void>[] = [];
    for (const { target, updates: wanted } of this.byTarget(updates)) {
      const body = encodeLikeMeta(envelopeOf(wanted));
      for (let copy = 0; copy <= copies; copy += 1) {
        firstAttempts.push(new Promise((resolve) => void this.deliver(target, body, resolve)));
      }
    }
    await Promise.all(firstAttempts);
  }

  private byTarget(updates: readonly Update[]): { target: Target; updates: Update[] }[] {
    const targets = new Map<string, { target: Target; updates: Update[] }>();
    for (const update of updates) {
      const wanted = targetsOf(this.parts.world, update);
      if (wanted.length === 0) {
        this.counts.unrouted += 1;
      }
      for (const target of wanted) {
        const key = `${target.id} ${target.url}`;
        const known = targets.get(key);
        if (known === undefined) {
          targets.set(key, { target, updates: [update] });
        } else {
          known.updates.push(update);
        }
      }
    }
    return [...targets.values()];
  }

  private async deliver(target: Target, body: Buffer, afterFirst: () => void): Promise<void> {
    const { activity, clock, retry, timers, transport } = this.parts;
    const { generation } = this;
    this.deliveries += 1;
    const delivery = this.deliveries;
    const headers = target.headersFor(body);
    const startedAt = performance.now();
    activity.begin();
    for (
      let attempt = 1, pauseMs = retry.firstMs;
      ;
      attempt += 1, pauseMs = Math.min(pauseMs * retry.factor, retry.capMs)
    ) {
      const at = clock.nowMs();
      const { status, error } = await transport.post(target.url, body, headers);
      if (generation === this.generation) {
        this.note({ delivery, attempt, at, appId: target.id, url: target.url, body, status, error });
      }
      afterFirst();
      const isCurrent = generation === this.generation;
      if (status === 200 || !isCurrent) {
        this.counts.delivered += isCurrent ? 1 : 0;
        break;
      }
      const isLate = performance.now() - startedAt + pauseMs > retry.giveUpAfterMs;
      if (isLate || !(await timers.wait(pauseMs))) {
        this.counts.dropped += isLate ? 1 : 0;
        break;
      }
    }
    activity.end();
  }

  private note(attempt: AttemptFacts): void {
    const { attempts, parts } = this;
    if (attempts.keeps) {
      attempts.add(new RecordedAttempt(attempt));
    } else {
      attempts.count();
    }
    parts.activity.changed();
  }
}
