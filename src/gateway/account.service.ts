import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../access/principal.js';
import { Clock } from '../platform/clock/clock.js';
import type { Config } from '../platform/config/config.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { CONFIG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { Cipher } from '../platform/secrets/cipher.js';
import { AccountCredentials } from './account-credentials.service.js';
import { AccountFinder } from './account-finder.service.js';
import type { AccountListQuery, AccountQuery, PatchAccountDto } from './account.dto.js';
import { AccountRepository, type AccountRow } from './account.repository.js';
import { type AccountView, accountView } from './account.view.js';
import { GatewayChanges } from './gateway-changes.js';
import { GatewayDirectory } from './gateway-directory.js';
import { GatewayHooks } from './gateway-hooks.js';
import { notifyGatewayChanged } from './gateway.repository.js';
import { mergeBot } from './merge-bot.js';
import { CREDENTIALS_REFUSED } from './readings/credential-checks.service.js';
import { openBot, sealBot } from './stored-bot.js';
import { Warnings } from './warnings.service.js';

const MAX_ATTEMPTS = 5;

/** Accounts as people see and set them. Their public id is their address at the network. */
@Injectable()
export class AccountService {
  constructor(
    private readonly rows: AccountRepository,
    private readonly finder: AccountFinder,
    private readonly credentials: AccountCredentials,
    private readonly hooks: GatewayHooks,
    private readonly directory: GatewayDirectory,
    private readonly changes: GatewayChanges,
    private readonly warnings: Warnings,
    private readonly cipher: Cipher,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async list(principal: Principal, query: AccountListQuery): Promise<Page<AccountView>> {
    const before = idOfCursor(query.cursor);
    const rows = await this.rows.list({
      gateways: this.finder.gatewaysOf(principal, query.gateway),
      ...(query.channel !== undefined && { channel: query.channel }),
      ...(before !== undefined && { before }),
      limit: query.limit + 1,
    });
    const standings = await this.hooks.standings(rows.map(({ id }) => id));
    return pageOf(
      rows,
      query.limit,
      ({ id }) => id,
      (row) => this.view(row, standings.get(row.id)),
    );
  }

  async get(principal: Principal, address: string, query: AccountQuery): Promise<AccountView> {
    const row = await this.finder.row(principal, address, query);
    return this.view(row, (await this.hooks.standings([row.id])).get(row.id));
  }

  async update(
    principal: Principal,
    address: string,
    query: AccountQuery,
    patch: PatchAccountDto,
  ): Promise<AccountView> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const row = await this.finder.row(principal, address, query);
      const credential = await this.credentials.judge(row, patch.credential);
      const now = this.clock.now();
      const bot = this.changeBot(row, patch, now);
      const next = { ...row, enabled: patch.enabled ?? row.enabled, bot: bot.stored, ...credential };
      const saved = await this.rows.transaction(async (sql) => {
        const done = await this.rows.update(
          sql,
          row.id,
          { enabled: next.enabled, bot: next.bot, ...credential, at: now },
          row.version,
        );
        if (done) await notifyGatewayChanged(sql, row.gateway_id);
        return done;
      });
      if (!saved) continue;
      if (patch.credential !== undefined)
        await this.warnings.clear({ gatewayId: row.gateway_id, code: CREDENTIALS_REFUSED, subject: row.address });
      await this.changes.settleAttended(row.gateway_id);
      return this.view(next, (await this.hooks.standings([row.id])).get(row.id), bot.secretGenerated);
    }
    throw new Problem(409, 'account.changed', 'Others keep changing this account at the same time; try again.');
  }

  private changeBot(row: AccountRow, patch: PatchAccountDto, now: Date) {
    if (patch.bot === undefined) return { stored: row.bot, secretGenerated: false };
    if (patch.bot === null) return { stored: null, secretGenerated: false };
    const current = openBot(row.bot, this.cipher);
    const { allowPrivateUrls } = this.config;
    const merged = mergeBot(patch.bot, current.status === 'open' ? current.bot : undefined, { allowPrivateUrls, now });
    return { stored: sealBot(merged.bot, this.cipher), secretGenerated: merged.secretGenerated };
  }

  private view(row: AccountRow, standing: object = {}, secretInClear = false): AccountView {
    const gateway = this.directory.byId(row.gateway_id);
    const accounts = gateway?.channel(row.channel)?.accounts;
    const surroundings = {
      uri: this.finder.uriOf(row),
      health: accounts?.health?.(row.details) ?? {},
      limits: accounts?.limits?.(row.details) ?? {},
      next: accounts?.registration?.next(row.details),
      gatewayCredentialExpiresAt: gateway?.credentialsExpireAt,
      standing,
      cipher: this.cipher,
    };
    return accountView(row, surroundings, secretInClear);
  }
}
