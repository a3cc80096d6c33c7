import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../../access/api-route.decorator.js';
import { RequirePermission } from '../../access/permission.guard.js';
import type { Principal } from '../../access/principal.js';
import { CurrentPrincipal } from '../../access/request-principal.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/problem/problem.js';
import { WithdrawService } from '../withdraw.service.js';
import { BulkFilters } from './bulk-filter.service.js';
import { CancelBody, MessageFilterBody, RedriveBody } from './bulk.dto.js';
import { BulkRepository } from './bulk.repository.js';
import { RedriveService } from './redrive.service.js';

const AT_ONCE = 500;
const SHOWN = 100;
const MOST = 10_000;

/** Many messages at once, by what they have in common. */
@ApiRoute('messages')
export class BulkController {
  constructor(
    private readonly database: Database,
    private readonly filters: BulkFilters,
    private readonly bulk: BulkRepository,
    private readonly withdrawing: WithdrawService,
    private readonly redriving: RedriveService,
  ) {}

  @Post('cancel')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'Cancel every message that fits and has not left' })
  async cancel(@CurrentPrincipal() principal: Principal, @Body() body: CancelBody): Promise<object> {
    const { filter: nested, all, dryRun, ...own } = body;
    const words = both(own, nested);
    if (all !== true && Object.keys(words).length === 0) {
      throw new Problem(
        400,
        'filter.empty',
        'Say which messages (gateway, account, class, dialog, to, template, since, until), or "all": true.',
      );
    }
    const filter = this.filters.read(principal, words);
    if (dryRun) return { matched: await this.bulk.countOpen(filter), cancelled: 0 };
    let cancelled = 0;
    for (;;) {
      const ids = await this.bulk.open(filter, AT_ONCE);
      const gone = await this.withdrawing.withdraw(
        ids.map((messageId) => ({ messageId, status: 'cancelled', error: null })),
      );
      cancelled += gone.size;
      // What is left went on the wire meanwhile.
      if (ids.length < AT_ONCE || gone.size === 0) return { matched: cancelled, cancelled };
    }
  }

  @Post('redrive')
  @HttpCode(200)
  @RequirePermission('messages:send')
  @ApiOperation({ summary: 'Put failed messages back into their lines, by the code they failed with' })
  async redrive(@CurrentPrincipal() principal: Principal, @Body() body: RedriveBody): Promise<object> {
    const { code, dryRun, limit = MOST, filter: nested, ...own } = body;
    const filter = this.filters.read(principal, both(own, nested));
    if (!dryRun) return { redriven: await this.redriving.redrive(filter, code, limit) };
    const ids = await this.bulk.failed(this.database, filter, { code, after: null, limit });
    return { matched: ids.length, redriven: 0, items: ids.slice(0, SHOWN) };
  }
}

/** What is given in either place; the nested word counts where both say one. What one leaves undefined takes nothing from the other. */
function both(own: MessageFilterBody, nested: MessageFilterBody | undefined): MessageFilterBody {
  const given = [own, nested ?? {}].flatMap((words) =>
    Object.entries(words).filter(([, value]) => value !== undefined),
  );
  return Object.fromEntries(given) as MessageFilterBody;
}
