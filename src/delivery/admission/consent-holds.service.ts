import { Inject, Injectable } from '@nestjs/common';
import type { ConsentHoldsPort } from '../../dialog/consent/consent-hooks.js';
import type { Sql } from '../../platform/database/database.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { AsideRepository } from './aside.repository.js';

/** Messages that were held by what people allowed are judged anew when that changes. */
@Injectable()
export class ConsentHolds implements ConsentHoldsPort {
  constructor(
    private readonly aside: AsideRepository,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
  ) {}

  changed(sql: Sql, contactIds: readonly string[], now: Date): Promise<ReadonlySet<string>> {
    return this.aside.releasePeople(sql, contactIds, ['consent'], now);
  }

  wake(accountIds: ReadonlySet<string>): void {
    for (const accountId of accountIds) this.admission.kick(accountId);
  }
}
