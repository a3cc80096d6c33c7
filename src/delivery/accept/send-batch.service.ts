import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import { crashPoint } from '../../platform/faults/crash-point.js';
import { toProblem } from '../../platform/http/to-problem.js';
import { validateBody } from '../../platform/http/validate-body.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import {
  AT_ONCE,
  AcceptService,
  type Acceptable,
  type Acceptances,
  type Accepted,
  type Identity,
  identityOf,
  repeated,
} from './accept.service.js';
import type { Batch } from './batch-body.js';
import { type Asked, EntryReader, type SizedEntry } from './entry-reader.service.js';
import { type Claim, type HeldKey, IdempotencyService } from './idempotency.service.js';
import { isPlainItem } from './is-plain-item.js';
import { BatchItemBody, fingerprint } from './message.dto.js';
import { PrepareService } from './prepare.service.js';
import { type Refusable, isRefused, onward, orProblem } from './refusable.js';

/** The key of a batch that takes long is not to look abandoned. */
const KEEP_EVERY_MS = 2_000;

/** An item as it was read: what it asks for, and the key under which it is taken once. */
interface Item {
  readonly asked: Refusable<Asked>;
  readonly claim: Claim | undefined;
}

/** The answer about one item. */
type Line = { readonly index: number } & (Identity | { readonly error: Problem });

interface BatchAnswer {
  readonly items: readonly Line[];
}

/**
 * `POST /messages/batch`: many messages in parts of a few hundred, each part one transaction. While one part is written the
 * next is judged. What went wrong with an item is that item's answer and nobody else's.
 */
@Injectable()
export class SendBatchService {
  constructor(
    private readonly entries: EntryReader,
    private readonly preparing: PrepareService,
    private readonly accepting: AcceptService,
    private readonly idempotency: IdempotencyService,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** With a key the same batch gives the same answer; also when its process died half-way: its items have keys made of it. */
  async send(principal: Principal, batch: Batch, idempotencyKey: string | undefined): Promise<object> {
    if (idempotencyKey === undefined) return this.takeAll(principal, batch);
    const begun = await this.idempotency.begin(principal.id, idempotencyKey, { batch: batch.digest });
    if ('answer' in begun) return begun.answer;
    const key = { held: begun.held };
    try {
      const answer = await this.takeAll(principal, batch, key);
      // What failed for a fault of ours may be asked for again.
      if (answer.items.some(isOurFault)) await this.idempotency.release(key.held);
      else await this.idempotency.remember(key.held, answer);
      return answer;
    } catch (error) {
      await this.idempotency.release(key.held);
      throw error;
    }
  }

  private async takeAll(principal: Principal, batch: Batch, key?: { held: HeldKey }): Promise<BatchAnswer> {
    const lane = this.accepting.lane();
    const results: Refusable<Identity>[] = [];
    let writing: Promise<readonly Refusable<Identity>[]> = Promise.resolve([]);
    let keptMs = performance.now();
    for (let start = 0; start < batch.size; start += AT_ONCE) {
      const items = batch
        .next(AT_ONCE)
        .map((value, place) => this.read(principal, value, key && { held: key.held, index: start + place }));
      const judged = await this.judge(items);
      results.push(...(await writing));
      if (start > 0) crashPoint('after-batch-part');
      writing = this.write(lane, judged);
      if (key && performance.now() - keptMs > KEEP_EVERY_MS) {
        key.held = await this.idempotency.keep(key.held);
        keptMs = performance.now();
      }
    }
    results.push(...(await writing));
    const items = results.map((result, index): Line =>
      isRefused(result) ? { index, error: result } : { index, ...result },
    );
    const [first] = items;
    if (first && 'error' in first && items.every(isOurFault)) throw first.error;
    return { items };
  }

  private read(
    principal: Principal,
    value: Refusable<unknown>,
    part: { readonly held: HeldKey; readonly index: number } | undefined,
  ): Item {
    let claim: Claim | undefined;
    const asked = orProblem(() => {
      if (value instanceof Problem) throw value;
      const body = validateBody(BatchItemBody, value, isPlainItem);
      if (body.idempotencyKey !== undefined)
        claim = this.idempotency.claim(principal.id, body.idempotencyKey, fingerprint(body));
      else if (part) claim = this.idempotency.partOf(part.held, part.index, fingerprint(body));
      return this.entries.read(principal, body, true);
    });
    return { asked, claim };
  }

  /** An answer that was given before comes first: what was taken once is not refused because its time has passed since. */
  private async judge(items: readonly Item[]): Promise<readonly Refusable<Acceptable | Accepted>[]> {
    try {
      const recalled = await this.idempotency.recallAll(items.map(({ claim }) => claim));
      const fresh = items.filter((_, index) => recalled[index] === undefined);
      const addressed = await onward(
        fresh.map(({ asked, claim }) => (isRefused(asked) ? asked : { asked, claim })),
        async (remaining) => {
          const entries = await this.entries.address(remaining.map(({ asked }) => asked));
          return remaining.map(({ claim }, index) => {
            const entry = entries[index] as Refusable<SizedEntry>;
            return isRefused(entry) || !claim ? entry : { claim, ...entry };
          });
        },
      );
      const prepared = (await this.preparing.prepareAll(addressed)).values();
      return recalled.map((known) => {
        if (known === undefined) return prepared.next().value as Refusable<Acceptable>;
        return isRefused(known) ? known : repeated(known);
      });
    } catch (error) {
      const problem = this.asProblem(error);
      return items.map(() => problem);
    }
  }

  private write(
    lane: Acceptances,
    judged: readonly Refusable<Acceptable | Accepted>[],
  ): Promise<readonly Refusable<Identity>[]> {
    return Promise.all(
      judged.map(async (one) => {
        if (isRefused(one)) return one;
        if ('id' in one) return identityOf(one);
        try {
          const result = await lane.submit(one);
          // the rest of thousands of messages need not stay in memory until the last one is taken
          return isRefused(result) ? result : identityOf(result);
        } catch (error) {
          return this.asProblem(error);
        }
      }),
    );
  }

  private asProblem(error: unknown): Problem {
    const problem = toProblem(error);
    if (problem) return problem;
    this.log.error({ err: error }, 'a part of a batch failed');
    return new Problem(500, 'internal', 'Something went wrong on our side; the log has the details.');
  }
}

function isOurFault(line: Line): boolean {
  return 'error' in line && line.error.status >= 500;
}
