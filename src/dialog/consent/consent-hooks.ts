import { Injectable } from '@nestjs/common';
import type { Sql } from '../../platform/database/database.js';

/** What holds messages back by what people want to get. */
export interface ConsentHoldsPort {
  /** Something else stands for these contacts; gives back the accounts to wake after the commit. */
  changed(sql: Sql, contactIds: readonly string[], now: Date): Promise<ReadonlySet<string>>;
  wake(accountIds: ReadonlySet<string>): void;
}

const NOBODY: ReadonlySet<string> = new Set();

/** Where the room to the right plugs in what it does when consent changes, so that no import points right. */
@Injectable()
export class ConsentHooks {
  private port: ConsentHoldsPort | undefined;

  registerHolds(port: ConsentHoldsPort): void {
    this.port = port;
  }

  /** In the transaction that changed it, after the change: messages can be held, stopped or released with it. */
  async onChange(sql: Sql, contactIds: readonly string[], now: Date): Promise<ReadonlySet<string>> {
    if (contactIds.length === 0) return NOBODY;
    return (await this.port?.changed(sql, contactIds, now)) ?? NOBODY;
  }

  wake(accountIds: ReadonlySet<string>): void {
    if (accountIds.size > 0) this.port?.wake(accountIds);
  }
}
