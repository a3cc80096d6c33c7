import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, gatewayNotFound, mayAccessGateway } from '../access/principal.js';
import { Clock } from '../platform/clock/clock.js';
import { constraintOf } from '../platform/database/database.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { isId, newId } from '../platform/ids/ids.js';
import { Problem } from '../platform/problem/problem.js';
import type { CreateGatewayDto, PatchGatewayDto } from './gateway.dto.js';
import { GatewayChanges } from './gateway-changes.js';
import { GatewayEvents } from './gateway-events.js';
import { GatewayPlanner, type PlannedGateway } from './gateway-planner.js';
import { GatewayRepository, type GatewayRow, type NewGatewayRow, notifyGatewayChanged } from './gateway.repository.js';
import { GATEWAY_URI } from './gateway-uri.js';
import { GatewayPresenter } from './gateway.presenter.js';
import type { GatewayView, ShownOnce } from './gateway.view.js';
import { Warnings } from './warnings.service.js';

const MAX_ATTEMPTS = 5;

/** Gateways as people configure them. Reads the database, not the directory: what one process wrote, every process shows. */
@Injectable()
export class GatewayService {
  constructor(
    private readonly rows: GatewayRepository,
    private readonly planner: GatewayPlanner,
    private readonly presenter: GatewayPresenter,
    private readonly changes: GatewayChanges,
    private readonly events: GatewayEvents,
    private readonly warnings: Warnings,
    private readonly clock: Clock,
  ) {}

  async create(principal: Principal, given: CreateGatewayDto): Promise<GatewayView> {
    if (principal.gateways) {
      throw new Problem(403, 'key.gateways.exceeded', 'This key is limited to gateways and cannot add one.');
    }
    const now = this.clock.now();
    const draft = this.planner.draft(newId(now), given, now);
    if (await this.rows.byUri(given.uri)) throw uriTaken(given.uri);
    const { row, shown } = await this.planner.verify(draft);
    try {
      await this.rows.transaction(async (sql) => {
        await this.rows.insert(sql, row);
        await notifyGatewayChanged(sql, row.id);
        await this.events.updated(sql, row, 'created', now);
      });
    } catch (error) {
      if (constraintOf(error) === 'gateway_uri') throw uriTaken(given.uri);
      throw error;
    }
    await this.changes.settle(row.id);
    this.events.wake();
    return this.presenter.view(row, [], shown);
  }

  async list(principal: Principal, limit: number, cursor: string | undefined): Promise<Page<GatewayView>> {
    const rows = await this.rows.list(gatewayLimit(principal), idOfCursor(cursor), limit + 1);
    const warnings = await this.warnings.textsOf(rows.map(({ id }) => id));
    return pageOf(
      rows,
      limit,
      ({ id }) => id,
      (row) => this.presenter.view(row, warnings.get(row.id) ?? []),
    );
  }

  async get(principal: Principal, idOrUri: string): Promise<GatewayView> {
    return this.view(await this.require(principal, idOrUri));
  }

  /** Made from the row as it was read; when another change came in between, it is made again from the new one. */
  async update(principal: Principal, idOrUri: string, patch: PatchGatewayDto): Promise<GatewayView> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const row = await this.require(principal, idOrUri);
      const planned = await this.planner.verify(this.planner.change(row, patch, this.clock.now()));
      if (!(await this.save(planned, row.version))) continue;
      await this.changes.settleAttended(row.id);
      this.events.wake();
      return this.view(planned.row, planned.shown);
    }
    throw new Problem(409, 'gateway.changed', 'Others keep changing this gateway at the same time; try again.');
  }

  /** The row of a gateway that the principal may see; one that it may not see does not exist for it. */
  async require(principal: Principal, idOrUri: string): Promise<GatewayRow> {
    const byId = isId(idOrUri) ? await this.rows.byId(idOrUri) : undefined;
    const row = byId ?? (GATEWAY_URI.test(idOrUri) ? await this.rows.byUri(idOrUri) : undefined);
    if (!row || !mayAccessGateway(principal, row.id)) throw gatewayNotFound();
    return row;
  }

  private async view(row: NewGatewayRow, shown?: ShownOnce): Promise<GatewayView> {
    const warnings = await this.warnings.textsOf([row.id]);
    return this.presenter.view(row, warnings.get(row.id) ?? [], shown);
  }

  private save({ row }: PlannedGateway, version: string): Promise<boolean> {
    return this.rows.transaction(async (sql) => {
      const saved = await this.rows.update(sql, row, version);
      if (!saved) return false;
      await notifyGatewayChanged(sql, row.id);
      await this.events.updated(sql, row, 'configured', row.updated_at);
      return true;
    });
  }
}

function uriTaken(uri: string): Problem {
  return new Problem(409, 'gateway.uri.taken', `Another gateway has the uri ${uri}.`, [
    { path: 'uri', code: 'gateway.uri.taken', message: `${uri} is taken` },
  ]);
}
