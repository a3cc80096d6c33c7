import { Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { portfolioOf } from '../../gateway/account-limits.js';
import type { Sql } from '../../platform/database/database.js';
import type { Gone } from '../outbound.repository.js';
import { type Delivered, TierLedger } from './tier-ledger.repository.js';

type Counted = Pick<Gone, 'messageId' | 'contactId'>;

/** What becomes of the places of a messaging limit when messages are accepted, delivered, or fail. */
@Injectable()
export class Places {
  constructor(
    private readonly directory: GatewayDirectory,
    private readonly ledger: TierLedger,
  ) {}

  async accepted(sql: Sql, gone: readonly Gone[], now: Date): Promise<void> {
    await this.ledger.accepted(sql, relying(gone), now);
  }

  async delivered(sql: Sql, messages: readonly Delivered[], now: Date): Promise<void> {
    await this.ledger.delivered(sql, messages, now);
  }

  /**
   * They ended without being accepted. What was in doubt on the way may have arrived all the same: it counts like what was
   * accepted, for a receipt may still come. Gives back the accounts that may have something to send now.
   */
  async release(sql: Sql, gone: readonly Gone[], now: Date): Promise<ReadonlySet<string>> {
    const all = relying(gone);
    await this.ledger.accepted(
      sql,
      all.filter(({ wasInDoubt }) => wasInDoubt),
      now,
    );
    return this.forget(
      sql,
      all.filter(({ wasInDoubt }) => !wasInDoubt),
    );
  }

  /** Of messages that were accepted and failed later: whether they had a place is known only there. */
  async forget(sql: Sql, messages: readonly Counted[]): Promise<ReadonlySet<string>> {
    const freed = await this.ledger.release(sql, messages);
    return new Set(freed.size === 0 ? [] : this.accountsOf(freed));
  }

  accountsOf(portfolioIds: ReadonlySet<string>): readonly string[] {
    return this.directory
      .all()
      .flatMap((gateway) => gateway.accounts.filter((account) => portfolioIds.has(portfolioOf(gateway, account))))
      .map(({ id }) => id);
  }
}

function relying(gone: readonly Gone[]): readonly Gone[] {
  return gone.filter(({ hasPlace }) => hasPlace);
}
