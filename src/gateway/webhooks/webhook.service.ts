import { Inject, Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit } from '../../access/principal.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Config } from '../../platform/config/config.js';
import { type Page, idOfCursor, pageOf } from '../../platform/http/page.js';
import { isId, newId } from '../../platform/ids/ids.js';
import { CONFIG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import { Cipher, mask } from '../../platform/secrets/cipher.js';
import { GatewayDirectory } from '../gateway-directory.js';
import { judgeSecret, judgeUrl, newSecret } from '../judge-target.js';
import { idsOfNamed } from '../named-gateways.js';
import type { CreateWebhookDto, PatchWebhookDto } from './webhook.dto.js';
import { WebhookDirectory, openWebhook } from './webhook-directory.js';
import { WebhookRepository, type WebhookRow } from './webhook.repository.js';
import type { WebhookView } from './webhook.view.js';

/** Webhooks as people set them up. A key that is limited to gateways sees and makes only those within its limit. */
@Injectable()
export class WebhookService {
  constructor(
    private readonly rows: WebhookRepository,
    private readonly webhooks: WebhookDirectory,
    private readonly gateways: GatewayDirectory,
    private readonly cipher: Cipher,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The secret in clear is in this answer and in no other. */
  async create(principal: Principal, given: CreateWebhookDto): Promise<WebhookView> {
    judgeUrl(given.url, 'url', 'webhook', this.config.allowPrivateUrls);
    const secret = given.secret === undefined ? newSecret() : judgeSecret(given.secret, 'secret');
    const now = this.clock.now();
    const row: WebhookRow = {
      id: newId(now),
      url: given.url,
      secret: { encrypted: this.cipher.encrypt(secret) },
      events: [...new Set(given.events)],
      gateways: given.gateways ? this.idsOf(principal, given.gateways) : gatewayLimit(principal),
      disabled_reason: null,
      created_at: now,
      updated_at: now,
    };
    await this.rows.insert(row);
    await this.webhooks.settle();
    return this.view(row, secret);
  }

  async list(principal: Principal, limit: number, cursor: string | undefined): Promise<Page<WebhookView>> {
    const rows = await this.rows.list(gatewayLimit(principal), idOfCursor(cursor), limit + 1);
    return pageOf(
      rows,
      limit,
      ({ id }) => id,
      (row) => this.view(row),
    );
  }

  /** @throws Problem 404 */
  async get(principal: Principal, id: string): Promise<WebhookView> {
    const row = isId(id) ? await this.rows.byId(id, gatewayLimit(principal)) : undefined;
    if (!row) throw notFound();
    return this.view(row);
  }

  /** @throws Problem 404 */
  async update(principal: Principal, id: string, { url, events, gateways }: PatchWebhookDto): Promise<WebhookView> {
    if (url !== undefined) judgeUrl(url, 'url', 'webhook', this.config.allowPrivateUrls);
    const change = {
      url: url ?? null,
      events: events ? [...new Set(events)] : null,
      gateways: gateways ? this.idsOf(principal, gateways) : null,
    };
    const row = isId(id) ? await this.rows.update(id, gatewayLimit(principal), change, this.clock.now()) : undefined;
    if (!row) throw notFound();
    await this.webhooks.settle();
    return this.view(row);
  }

  /** It is called no more, and what waits for it goes. @throws Problem 404 */
  async delete(principal: Principal, id: string): Promise<void> {
    if (!isId(id) || !(await this.rows.delete(id, gatewayLimit(principal)))) throw notFound();
    await this.webhooks.settle();
    await this.rows.forget(id);
  }

  private idsOf(principal: Principal, named: readonly string[]): readonly string[] {
    return [...new Set(idsOfNamed(this.gateways, principal, named))];
  }

  private view(row: WebhookRow, inClear?: string): WebhookView {
    const { secret, disabledReason: reason } = openWebhook(row, this.cipher);
    return {
      id: row.id,
      url: row.url,
      events: row.events,
      gateways: row.gateways,
      secret: inClear ?? mask(secret),
      state: reason === undefined ? 'active' : 'disabled',
      ...(reason !== undefined && { reason }),
      createdAt: row.created_at.toISOString(),
    };
  }
}

function notFound(): Problem {
  return new Problem(404, 'webhook.not_found', 'There is no such webhook.');
}
