import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import type { HttpClient } from '../platform/http-client/http-client.js';
import { CONFIG, PROVIDER_HTTP } from '../platform/platform.tokens.js';
import { Cipher } from '../platform/secrets/cipher.js';
import type { AccountRow } from './account.repository.js';
import type { NewGatewayRow } from './gateway.repository.js';
import { GatewayTypes } from './gateway-types.js';
import { type LoadedAccount, LoadedGateway, type Subscriptions } from './loaded-gateway.js';
import { openBot } from './stored-bot.js';
import { openMetadata, openSecret, withDefaults } from './stored-metadata.js';
import { StreamDirectory } from './streams/stream-directory.js';
import { WebhookDirectory } from './webhooks/webhook-directory.js';

/** Turns rows into gateways ready for use. What cannot be read parks that gateway, never the process. */
@Injectable()
export class GatewayLoader {
  private readonly subscriptions: Subscriptions = {
    of: (gatewayId) => {
      const streams = this.streams.of(gatewayId);
      const webhooks = this.webhooks.of(gatewayId);
      return streams.length === 0 ? webhooks : [...webhooks, ...streams];
    },
  };

  constructor(
    private readonly types: GatewayTypes,
    private readonly cipher: Cipher,
    private readonly webhooks: WebhookDirectory,
    private readonly streams: StreamDirectory,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PROVIDER_HTTP) private readonly http: HttpClient,
  ) {}

  /** undefined when the gateway's type is not installed here. */
  load(row: NewGatewayRow, accounts: readonly AccountRow[]): LoadedGateway | undefined {
    const type = this.types.find(row.type);
    if (!type) return undefined;
    const metadata = openMetadata(row.metadata, this.cipher);
    const bot = openBot(row.bot, this.cipher);
    const unreadable = this.unreadableReason(row);
    const reason = unreadable ?? row.status_reason ?? undefined;
    return new LoadedGateway(
      {
        id: row.id,
        uri: row.uri,
        name: row.name,
        type,
        enabled: row.enabled,
        settings: withDefaults(metadata.values, type),
        ...(bot.status === 'open' && { bot: bot.bot }),
        ...(row.app_key !== null && { appKey: row.app_key }),
        status: unreadable === undefined ? row.status : 'parked',
        ...(reason !== undefined && { statusReason: reason }),
        ...(row.credentials_expire_at && { credentialsExpireAt: row.credentials_expire_at }),
        accounts: accounts.map((account) => this.loadAccount(account)),
      },
      this.config.publicUrl,
      this.http,
      this.subscriptions,
    );
  }

  /** Why a stored gateway cannot be used by this process, whatever its status says. */
  unreadableReason(row: NewGatewayRow): string | undefined {
    if (!this.types.find(row.type)) return `The gateway type ${row.type} is not installed.`;
    const [unreadable] = openMetadata(row.metadata, this.cipher).unreadable;
    if (unreadable) return `metadata.${unreadable[0]} cannot be read: ${unreadable[1]}.`;
    const bot = openBot(row.bot, this.cipher);
    return bot.status === 'unreadable' ? `bot.secret cannot be read: ${bot.reason}.` : undefined;
  }

  private loadAccount(row: AccountRow): LoadedAccount {
    const bot = openBot(row.bot, this.cipher);
    return {
      id: row.id,
      gatewayId: row.gateway_id,
      groupId: row.group_id,
      group: row.group_address,
      ...(row.portfolio !== null && { portfolio: row.portfolio }),
      channel: row.channel,
      address: row.address,
      name: row.name,
      ...(row.phone !== null && { phone: row.phone }),
      details: row.details,
      ...(row.told_at && { toldAt: row.told_at }),
      active: row.active,
      enabled: row.enabled,
      ...(bot.status === 'open' && { bot: bot.bot }),
      ...this.loadCredential(row),
      ...(row.connected_since && { connectedSince: row.connected_since }),
      missing: row.missing_since !== null,
    };
  }

  /** One that cannot be read is none of the gateway's: the network refuses it, and that holds this account alone. */
  private loadCredential({ credential, credential_expires_at }: AccountRow): Partial<LoadedAccount> {
    if (!credential) return {};
    const opened = openSecret(credential.encrypted, this.cipher);
    return {
      credential: opened.ok ? opened.value : '',
      credentialMark: credential.encrypted,
      ...(credential_expires_at && { credentialExpiresAt: credential_expires_at }),
    };
  }
}
