import { Inject, Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import { Clock } from '../platform/clock/clock.js';
import type { Config } from '../platform/config/config.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { isStorableText } from '../platform/http/is-plain-text.js';
import { CONFIG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { Cipher } from '../platform/secrets/cipher.js';
import type { AccountListQuery, AccountQuery, PatchAccountDto } from './account.dto.js';
import { AccountRepository, type AccountRow } from './account.repository.js';
import { type AccountView, accountView } from './account.view.js';
import { GatewayChanges } from './gateway-changes.js';
import { GatewayDirectory } from './gateway-directory.js';
import { notifyGatewayChanged } from './gateway.repository.js';
import { mergeBot } from './merge-bot.js';
import { openBot, sealBot } from './stored-bot.js';

const MAX_ATTEMPTS = 5;

/** Accounts as people see and set them. Their public id is their address at the network. */
@Injectable()
export class AccountService {
  constructor(
    private readonly rows: AccountRepository,
    private readonly directory: GatewayDirectory,
    private readonly changes: GatewayChanges,
    private readonly cipher: Cipher,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async list(principal: Principal, query: AccountListQuery): Promise<Page<AccountView>> {
    const before = idOfCursor(query.cursor);
    const rows = await this.rows.list({
      gateways: this.gatewaysOf(principal, query.gateway),
      ...(query.channel !== undefined && { channel: query.channel }),
      ...(before !== undefined && { before }),
      limit: query.limit + 1,
    });
    return pageOf(
      rows,
      query.limit,
      ({ id }) => id,
      (row) => this.view(row),
    );
  }

  async get(principal: Principal, address: string, query: AccountQuery): Promise<AccountView> {
    return this.view(await this.require(principal, address, query));
  }

  async update(
    principal: Principal,
    address: string,
    query: AccountQuery,
    patch: PatchAccountDto,
  ): Promise<AccountView> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const row = await this.require(principal, address, query);
      const now = this.clock.now();
      const bot = this.changeBot(row, patch, now);
      const next = { ...row, enabled: patch.enabled ?? row.enabled, bot: bot.stored };
      const saved = await this.rows.transaction(async (sql) => {
        const done = await this.rows.update(
          sql,
          row.id,
          { enabled: next.enabled, bot: next.bot, at: now },
          row.version,
        );
        if (done) await notifyGatewayChanged(sql, row.gateway_id);
        return done;
      });
      if (!saved) continue;
      await this.changes.settleAttended(row.gateway_id);
      return this.view(next, bot.secretGenerated);
    }
    throw new Problem(409, 'account.changed', 'Others keep changing this account at the same time; try again.');
  }

  private async require(principal: Principal, address: string, query: AccountQuery): Promise<AccountRow> {
    const found = isStorableText(address)
      ? await this.rows.list({
          gateways: this.gatewaysOf(principal, query.gateway),
          address,
          ...(query.channel !== undefined && { channel: query.channel }),
          limit: 50,
        })
      : [];
    const [first, second] = found;
    if (!first) throw new Problem(404, 'account.not_found', 'There is no such account.');
    if (!second) return first;
    const uris = [...new Set(found.map((row) => this.uriOf(row)))];
    const ask = uris.length > 1 ? `?gateway= (${uris.join(', ')})` : '?channel=';
    throw new Problem(409, 'account.ambiguous', `Several accounts have this address; say which with ${ask}.`);
  }

  /** The gateways that a request looks into; null: all. */
  private gatewaysOf(principal: Principal, wanted: string | undefined): readonly string[] | null {
    if (wanted === undefined) return gatewayLimit(principal);
    const gateway = this.directory.byIdOrUri(wanted);
    if (gateway && mayAccessGateway(principal, gateway.id)) return [gateway.id];
    throw new Problem(422, 'gateway.unknown', 'There is no gateway with this id or uri.', [
      { path: 'gateway', code: 'gateway.unknown', message: 'is not the id or uri of a gateway' },
    ]);
  }

  private changeBot(row: AccountRow, patch: PatchAccountDto, now: Date) {
    if (patch.bot === undefined) return { stored: row.bot, secretGenerated: false };
    if (patch.bot === null) return { stored: null, secretGenerated: false };
    const current = openBot(row.bot, this.cipher);
    const { allowPrivateUrls } = this.config;
    const merged = mergeBot(patch.bot, current.status === 'open' ? current.bot : undefined, { allowPrivateUrls, now });
    return { stored: sealBot(merged.bot, this.cipher), secretGenerated: merged.secretGenerated };
  }

  private uriOf(row: AccountRow): string {
    return this.directory.byId(row.gateway_id)?.uri ?? row.gateway_id;
  }

  private view(row: AccountRow, secretInClear = false): AccountView {
    const channel = this.directory.byId(row.gateway_id)?.channel(row.channel);
    const health = channel?.accounts.health?.(row.details) ?? {};
    return accountView(row, { uri: this.uriOf(row), health, cipher: this.cipher }, secretInClear);
  }
}
