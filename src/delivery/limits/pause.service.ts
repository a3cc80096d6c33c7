import { Inject, Injectable } from '@nestjs/common';
import { type Principal, mayAccessGateway } from '../../access/principal.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { AccountHolds } from '../admission/account-holds.service.js';
import { classOfRank } from '../message-class.js';
import type { PauseDto, ResumeDto } from './limits.dto.js';
import type { PauseListView, PauseView } from './limits.view.js';
import { type Pause, PauseRepository } from './pause.repository.js';
import { PauseScopes } from './pause-scopes.service.js';

const DEFAULT_REASON = 'Somebody paused it.';

/** Stops sending and lets it go on, by hand. What was stopped waits, held, and loses nothing but time. */
@Injectable()
export class PauseService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly pauses: PauseRepository,
    private readonly scopes: PauseScopes,
    private readonly holds: AccountHolds,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async pause(principal: Principal, { reason, until, ...named }: PauseDto): Promise<PauseListView> {
    const scope = this.scopes.resolve(principal, named);
    const now = this.clock.now();
    const end = until === undefined ? null : new Date(until);
    if (end && end <= now) {
      throw new Problem(422, 'pause.until.past', `until (${until ?? ''}) is past.`, [
        { path: 'until', code: 'pause.until.past', message: 'must lie in the future' },
      ]);
    }
    const pause = { ...scope, reason: reason ?? DEFAULT_REASON, until: end };
    await this.database.transaction((sql) => this.pauses.put(sql, pause, now));
    this.log.warn({ ...scope, reason: pause.reason, until, key: principal.id }, 'sending was paused');
    this.wake(scope);
    return this.list(principal);
  }

  async resume(principal: Principal, named: ResumeDto): Promise<PauseListView> {
    const scope = this.scopes.resolve(principal, named);
    await this.pauses.end(this.database, scope);
    await this.holds.mended(this.database, this.scopes.accountIds(scope));
    this.log.warn({ ...scope, key: principal.id }, 'sending was resumed');
    this.wake(scope);
    return this.list(principal);
  }

  /** What is in force for the gateways that the principal sees. */
  private async list(principal: Principal): Promise<PauseListView> {
    const pauses = await this.pauses.all(this.database, this.clock.now());
    const visible = pauses.filter(({ gatewayId }) => gatewayId === null || mayAccessGateway(principal, gatewayId));
    return { items: visible.map((pause) => this.view(pause)), next: null };
  }

  private wake(scope: Pick<Pause, 'gatewayId' | 'accountId'>): void {
    for (const accountId of this.scopes.accountIds(scope)) this.admission.kick(accountId);
  }

  private view({ id, gatewayId, accountId, class: rank, reason, since, until }: Pause): PauseView {
    const gateway = gatewayId === null ? undefined : this.directory.byId(gatewayId);
    const account = accountId === null ? undefined : this.directory.accountById(accountId)?.account;
    return {
      id,
      ...(gatewayId !== null && { gateway: { id: gatewayId, ...(gateway && { uri: gateway.uri }) } }),
      ...(accountId !== null && { account: account?.address ?? accountId }),
      ...(rank !== null && { class: classOfRank(rank) }),
      reason,
      since: since.toISOString(),
      until: until?.toISOString() ?? null,
    };
  }
}
