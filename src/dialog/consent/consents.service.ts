import { Injectable } from '@nestjs/common';
import type { Sql } from '../../platform/database/database.js';
import type { ConsentChange } from './consent.js';
import { ConsentHooks } from './consent-hooks.js';
import { ConsentRepository } from './consent.repository.js';

export interface ConsentEffect {
  /** for whom something else stands now */
  readonly contactIds: ReadonlySet<string>;
  /** to wake after the commit */
  readonly accountIds: ReadonlySet<string>;
}

/** Writes consent down and tells who holds messages by it, in one transaction. */
@Injectable()
export class Consents {
  constructor(
    private readonly repository: ConsentRepository,
    private readonly hooks: ConsentHooks,
  ) {}

  async record(sql: Sql, changes: readonly ConsentChange[], now: Date): Promise<ConsentEffect> {
    const contactIds = await this.repository.record(sql, changes, now);
    return { contactIds, accountIds: await this.hooks.onChange(sql, [...contactIds], now) };
  }

  /** After the commit. */
  wake({ accountIds }: ConsentEffect): void {
    this.hooks.wake(accountIds);
  }
}
