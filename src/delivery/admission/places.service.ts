import { Injectable } from '@nestjs/common';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { portfolioOf } from '../../gateway/account-limits.js';
import type { Sql } from '../../platform/database/database.js';
import type { Gone } from '../outbound.repository.js';
import { type PlaceOf, TierLedger } from './tier-ledger.repository.js';

type Counted = Pick<Gone, 'messageId' | 'accountId' | 'contactId'>;

/** What becomes of the places of a messaging limit when messages are accepted, delivered, or fail. */
@Injectable()
export class Places {
  constructor(
    private readonly directory: GatewayDirectory,
    private readonly ledger: TierLedger,
  ) {}

  async accepted(sql: Sql, gone: readonly Gone[], now: Date): Promise<void> {
    await this.ledger.accepted(sql, this.placesOf(gone.filter(({ hasPlace }) => hasPlace)), now);
  }

  async delivered(sql: Sql, messages: readonly Counted[], now: Date): Promise<void> {
    await this.ledger.delivered(sql, this.placesOf(messages), now);
  }

  /** Gives back the accounts that may have something to send now. */
  async release(sql: Sql, gone: readonly Gone[]): Promise<ReadonlySet<string>> {
    return this.forget(
      sql,
      gone.filter(({ hasPlace }) => hasPlace),
    );
  }

  /** Of messages that were accepted and failed later: whether they had a place is known only there. */
  async forget(sql: Sql, messages: readonly Counted[]): Promise<ReadonlySet<string>> {
    const freed = await this.ledger.release(sql, this.placesOf(messages));
    return new Set(freed.size === 0 ? [] : this.accountsOf(freed));
  }

  accountsOf(portfolioIds: ReadonlySet<string>): readonly string[] {
    return this.directory
      .all()
      .flatMap((gateway) => gateway.accounts.filter((account) => portfolioIds.has(portfolioOf(gateway, account))))
      .map(({ id }) => id);
  }

  private placesOf(messages: readonly Counted[]): PlaceOf[] {
    return messages.flatMap(({ messageId, accountId, contactId }) => {
      const found = this.directory.accountById(accountId);
      const isCounted = found?.gateway.channel(found.account.channel)?.capabilities.limits?.tier;
      return found && isCounted
        ? [{ portfolioId: portfolioOf(found.gateway, found.account), contactId, messageId }]
        : [];
    });
  }
}
