import { Inject, Injectable } from '@nestjs/common';
import { ContactRepository } from '../../dialog/contact.repository.js';
import { freshRecord } from '../../dialog/message-record.js';
import { MessageReader } from '../../dialog/message-reader.service.js';
import { type Person, keyText, lookupKeys } from '../../dialog/person.js';
import type { MessageStatus } from '../../dialog/message-status.js';
import { Clock } from '../../platform/clock/clock.js';
import { Batcher } from '../../platform/database/batcher.js';
import { Database, type Sql, isConnectionError } from '../../platform/database/database.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { type Claim, type HeldKey, IdempotencyService, type Remembered } from './idempotency.service.js';
import { type Located, MessageWriter, type Written, judgePassage } from './message-writer.service.js';
import { RecipientResolver } from './recipient-resolver.service.js';
import { partsOf } from './parts.js';
import { type Refusable, isRefused, onward, orProblem, orThrow, remainingOf } from './refusable.js';
import type { Prepared } from './submission.js';

/** Messages of one transaction; its locks and its memory stay small. */
export const AT_ONCE = 500;

/** Bytes of one transaction, counted by what the callers sent. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Transactions of single messages side by side. */
const SIDE_BY_SIDE = 4;

export interface Accepted {
  readonly id: string;
  readonly status: MessageStatus;
  /** the messages that carry the rest of a text that was split */
  readonly parts?: readonly Pick<Accepted, 'id' | 'status'>[];
  /** as `GET /messages/:id` shows it */
  readonly view: () => object;
}

/** What is to be taken, once under its key if it has one. */
export interface Acceptable extends Prepared {
  readonly bytes: number;
  /** taken before, by this request: it is answered in the transaction that writes the message */
  readonly held?: HeldKey;
  /** taken and answered in that transaction */
  readonly claim?: Claim;
}

export type Acceptances = Batcher<Acceptable, Refusable<Accepted>>;

/**
 * Takes prepared messages in: message rows and places in their lines, many in one transaction. Concurrent requests share
 * transactions; what is refused leaves nothing behind, and never fails its neighbours.
 */
@Injectable()
export class AcceptService {
  private readonly shared = this.lane(SIDE_BY_SIDE);

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly contacts: ContactRepository,
    private readonly resolver: RecipientResolver,
    private readonly writer: MessageWriter,
    private readonly idempotency: IdempotencyService,
    private readonly reader: MessageReader,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
  ) {}

  /** @throws Problem 409 or 422 that says why it is refused */
  async accept(item: Acceptable): Promise<Accepted> {
    return orThrow(await this.shared.submit(item));
  }

  /** For one caller's many messages: taken in the order in which they are submitted. */
  lane(concurrency = 1): Acceptances {
    return new Batcher(
      (items) => this.acceptAll(items),
      { maxItems: AT_ONCE, maxBytes: MAX_BYTES, sizeOf: ({ bytes }) => bytes, concurrency },
      (error) => !isConnectionError(error),
    );
  }

  /** The part that happens inside a transaction; the caller wakes admission after its commit. */
  async write(sql: Sql, items: readonly Located[]): Promise<readonly Refusable<Written>[]> {
    const written = await this.writer.write(sql, items);
    for (const one of written)
      if (!isRefused(one)) this.metrics.messages.inc({ direction: 'out', status: one.message.status });
    return written;
  }

  wake(accountId: string): void {
    this.admission.kick(accountId);
  }

  private async acceptAll(items: readonly Acceptable[]): Promise<readonly Refusable<Accepted>[]> {
    const judged = await this.judge(items);
    const results = await this.database.transaction((sql) => onward(judged, (remaining) => this.take(sql, remaining)));
    const accounts = new Set<string>();
    results.forEach((result, index) => {
      const accountId = items[index]?.submission.sender.account.id;
      if (!isRefused(result) && accountId !== undefined) accounts.add(accountId);
    });
    for (const accountId of accounts) this.wake(accountId);
    return results;
  }

  /** Judged before a contact is made for a stranger, and again under the thread's lock. */
  private async judge(items: readonly Acceptable[]): Promise<readonly Refusable<Acceptable>[]> {
    const known = await this.resolver.known(
      items.map(({ submission, recipient }) => ({ accountId: submission.sender.account.id, recipient })),
    );
    const now = this.clock.now();
    const judged = items.map((item, index) =>
      orProblem(() => {
        judgePassage(item.submission, known[index]?.lastInboundAt ?? null, now);
        return item;
      }),
    );
    const strangers = new Map<string, Person>();
    judged.forEach((item, index) => {
      if (isRefused(item) || known[index]?.contactId !== undefined) return;
      const { person } = item.recipient;
      strangers.set(lookupKeys(person).map(keyText).join(), person);
    });
    if (strangers.size > 0) await this.contacts.meet([...strangers.values()]);
    return judged;
  }

  private async take(sql: Sql, items: readonly Acceptable[]): Promise<readonly Refusable<Accepted>[]> {
    const claimed = await this.idempotency.claimAll(
      sql,
      items.map(({ claim }) => claim),
    );
    const fresh = items.filter((_, index) => claimed[index] === 'new');
    const contactIds = await this.resolver.locate(
      sql,
      fresh.map(({ recipient }) => recipient),
    );
    const parts = fresh.map(partsOf);
    const written = await this.write(
      sql,
      parts.flatMap((items, index) => items.map((item) => ({ item, contactId: contactIds[index] as string }))),
    );
    let place = 0;
    const results = new Map(
      fresh.map((item, index) => {
        const start = place;
        place += parts[index]?.length ?? 0;
        return [item, this.answer(written.slice(start, place))];
      }),
    );
    await this.remember(sql, results);
    return items.map((item, index) => {
      const state = claimed[index] ?? 'new';
      if (state === 'new') return results.get(item) as Refusable<Accepted>;
      if (isRefused(state)) return state;
      if ('sameAs' in state) return results.get(items[state.sameAs] as Acceptable) as Refusable<Accepted>;
      return repeated(state);
    });
  }

  /** The parts of a text are not written where the fallback goes instead of the first. */
  private answer([written, ...more]: readonly Refusable<Written>[]): Refusable<Accepted> {
    if (!written) throw new Error('a message was not written');
    if (isRefused(written)) return written;
    const { message, seq } = written;
    const parts = remainingOf(more).map(({ message: { id, status } }) => ({ id, status }));
    const rest = parts.length > 0 ? { parts } : {};
    return {
      id: message.id,
      status: message.status,
      ...rest,
      view: () => ({ ...this.reader.fresh(freshRecord(message, seq), message.timeline ?? []), ...rest }),
    };
  }

  /** Answer and effect are kept or lost together; of what is refused no key remembers anything. */
  private async remember(sql: Sql, results: ReadonlyMap<Acceptable, Refusable<Accepted>>): Promise<void> {
    const answers: { key: HeldKey; answer: object }[] = [];
    const refused: HeldKey[] = [];
    for (const [{ held, claim }, result] of results) {
      const key = held ?? claim;
      if (!key) continue;
      if (isRefused(result)) {
        // A key that was taken before the transaction is given back after it, by who took it.
        if (claim) refused.push(claim);
      } else answers.push({ key, answer: claim?.isInternal ? identityOf(result) : result.view() });
    }
    await this.idempotency.rememberAll(sql, answers);
    await this.idempotency.drop(sql, refused);
  }
}

/** What was answered the first time. */
export function repeated({ answer }: Remembered): Accepted {
  return { view: () => answer, ...identityOf(answer as Identity) };
}

export type Identity = Pick<Accepted, 'id' | 'status' | 'parts'>;

/** All that is needed to find the message again. */
export function identityOf({ id, status, parts }: Identity): Identity {
  return { id, status, ...(parts && { parts }) };
}
