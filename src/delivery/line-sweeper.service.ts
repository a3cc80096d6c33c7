import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { LOG } from '../platform/platform.tokens.js';
import { Sweeper } from '../platform/process/sweeper.js';
import type { Kicker } from '../platform/queue/kicker.js';
import { kickerToken } from '../platform/queue/queue.tokens.js';
import { QUEUES } from '../platform/queue/queues.js';
import {
  type BrokenLine,
  type LineKey,
  LineRepairsRepository,
  type Slice,
  lineText,
} from './line-repairs.repository.js';

const EVERY_MS = 30_000;

/** Lines that one round looks at, of each kind: some tens of milliseconds. More of them are looked at in the next rounds. */
const SLICE = 10_000;

/**
 * Looks for lines that stand still. None should: heads are locked by everybody who takes in or settles. A hand in the database
 * or a mistake of ours would stop a dialog for good without anybody noticing, so every repair is counted and told.
 */
@Injectable()
export class LineSweeper extends Sweeper {
  private lookedAtMs = Number.NEGATIVE_INFINITY;
  private afterHead: LineKey | undefined;
  private afterLine: LineKey | undefined;

  constructor(
    private readonly rows: LineRepairsRepository,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Pick<Kicker, 'kick'>,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    if (performance.now() - this.lookedAtMs < EVERY_MS) return;
    this.lookedAtMs = performance.now();
    await this.look(SLICE);
  }

  /** One round; also called by tests. */
  async look(slice: number): Promise<void> {
    const heads = await this.rows.brokenHeads(this.afterHead, slice);
    const lines = await this.rows.headlessLines(this.afterLine, slice);
    this.afterHead = heads.next;
    this.afterLine = lines.next;
    await this.repair(heads);
    await this.repair(lines);
  }

  private async repair({ broken }: Slice): Promise<void> {
    if (broken.length === 0) return;
    const { repaired, accountIds } = await this.rows.repair(broken, this.clock.now());
    for (const accountId of accountIds) this.admission.kick(accountId);
    for (const [kind, count] of countByFault(broken.filter((line) => repaired.has(lineText(line))))) {
      this.metrics.repairs.inc({ kind }, count);
      this.log.warn({ kind, repaired: count }, 'the sweeper repaired lines that stood still');
    }
  }
}

function countByFault(lines: readonly BrokenLine[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { fault } of lines) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  return counts;
}
