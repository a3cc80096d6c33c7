import { Injectable } from '@nestjs/common';
import type { Sql } from '../platform/database/database.js';

/** What holds messages back by their templates. */
export interface TemplateHoldsPort {
  /** Messages of these templates may go on; gives back the accounts to wake after the commit. */
  release(sql: Sql, templateIds: readonly string[], now: Date): Promise<ReadonlySet<string>>;
  wake(accountIds: ReadonlySet<string>): void;
}

const NOBODY: ReadonlySet<string> = new Set();

/** Where the room to the right plugs in what it does when a template changes, so that no import points right. */
@Injectable()
export class TemplateHooks {
  private port: TemplateHoldsPort | undefined;

  registerHolds(port: TemplateHoldsPort): void {
    this.port = port;
  }

  /** In the transaction that changes the templates: a message that is just being held is either seen here, or sees the change. */
  async release(sql: Sql, templateIds: readonly string[], now: Date): Promise<ReadonlySet<string>> {
    if (templateIds.length === 0) return NOBODY;
    return (await this.port?.release(sql, templateIds, now)) ?? NOBODY;
  }

  wake(accountIds: ReadonlySet<string>): void {
    if (accountIds.size > 0) this.port?.wake(accountIds);
  }
}
