import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/platform.tokens.js';
import { Cipher } from '../platform/secrets/cipher.js';
import { GatewayLoader } from './gateway-loader.js';
import type { NewGatewayRow } from './gateway.repository.js';
import { type GatewayView, NOTHING_SHOWN, type ShownOnce } from './gateway.view.js';
import { botView } from './stored-bot.js';
import { maskMetadata, openMetadata } from './stored-metadata.js';

/** Rows as the API shows them: secrets masked, the status as this process sees it. */
@Injectable()
export class GatewayPresenter {
  constructor(
    private readonly loader: GatewayLoader,
    private readonly cipher: Cipher,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * A gateway whose type is not installed is shown all the same.
   *
   * @param warnings what was noticed while it ran, beside what its settings call for
   */
  view(row: NewGatewayRow, warnings: readonly string[], shown: ShownOnce = NOTHING_SHOWN): GatewayView {
    const loaded = this.loader.load(row, []);
    const reason = loaded ? loaded.statusReason : this.loader.unreadableReason(row);
    return {
      id: row.id,
      name: row.name,
      uri: row.uri,
      type: row.type,
      enabled: row.enabled,
      metadata: maskMetadata(openMetadata(row.metadata, this.cipher), loaded?.type, shown.metadata),
      ...(row.bot && { bot: botView(row.bot, this.cipher, shown.botSecret) }),
      ...(row.bot?.disabledReason !== undefined && { botDisabledReason: row.bot.disabledReason }),
      callbackUri: `${this.config.publicUrl}/chat/${row.uri}`,
      ...(loaded?.sharedCallbackUrl !== undefined && { sharedCallbackUri: loaded.sharedCallbackUrl }),
      status: loaded?.status ?? 'parked',
      ...(reason !== undefined && { reason }),
      warnings: [...(loaded ? loaded.type.warnings(loaded.settings) : []), ...warnings],
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    };
  }
}
