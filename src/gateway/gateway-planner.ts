import { Inject, Injectable } from '@nestjs/common';
import type { GatewayType } from '../contract/index.js';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { Cipher } from '../platform/secrets/cipher.js';
import type { CreateGatewayDto, PatchGatewayDto } from './gateway.dto.js';
import { GatewayLoader } from './gateway-loader.js';
import type { GatewayRow, NewGatewayRow } from './gateway.repository.js';
import { GatewayTypes } from './gateway-types.js';
import { GatewayVerifier } from './gateway-verifier.js';
import type { ShownOnce } from './gateway.view.js';
import { mergeBot } from './merge-bot.js';
import { type MergedMetadata, mergeMetadata } from './merge-metadata.js';
import { type StoredBot, openBot, sealBot } from './stored-bot.js';
import { type StoredMetadata, openMetadata, sealMetadata, withDefaults } from './stored-metadata.js';

export interface PlannedGateway {
  readonly row: NewGatewayRow;
  readonly shown: ShownOnce;
  /** whether the network must be asked before the row is written */
  readonly toVerify: boolean;
}

/** From what was given to the row that will be written: judged here first, then (by `verify`) by the network. */
@Injectable()
export class GatewayPlanner {
  constructor(
    private readonly types: GatewayTypes,
    private readonly verifier: GatewayVerifier,
    private readonly loader: GatewayLoader,
    private readonly cipher: Cipher,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws Problem 400 or 422 for what is wrong with it */
  draft(id: string, given: CreateGatewayDto, now: Date): PlannedGateway {
    const type = this.requireType(given.type);
    const metadata = requireRight(mergeMetadata(type, given.metadata ?? {}, undefined));
    const bot = given.bot ? mergeBot(given.bot, undefined, this.botOptions(now)) : undefined;
    return {
      row: {
        id,
        uri: given.uri,
        name: given.name,
        type: type.type,
        enabled: given.enabled ?? true,
        metadata: sealMetadata(metadata.values, type, this.cipher),
        bot: bot ? sealBot(bot.bot, this.cipher) : null,
        app_key: appKeyOf(type, metadata.values),
        status: 'unverified',
        status_reason: null,
        credentials_expire_at: null,
        created_at: now,
        updated_at: now,
      },
      shown: {
        metadata: new Set(type.settings.filter(({ shownOnce }) => shownOnce).map(({ name }) => name)),
        botSecret: true,
      },
      toVerify: true,
    };
  }

  /** @throws Problem 400 or 422 for what is wrong with the change */
  change(row: GatewayRow, patch: PatchGatewayDto, now: Date): PlannedGateway {
    refuseFixed(row, patch);
    const type = this.requireType(row.type);
    const stored = openMetadata(row.metadata, this.cipher);
    const metadata = patch.metadata && requireRight(mergeMetadata(type, patch.metadata, stored));
    const bot = this.changeBot(row.bot, patch.bot, now);
    return {
      row: {
        ...row,
        name: patch.name ?? row.name,
        enabled: patch.enabled ?? row.enabled,
        metadata: metadata?.changed ? this.reseal(type, row.metadata, metadata) : row.metadata,
        bot: bot.stored,
        app_key: metadata ? appKeyOf(type, metadata.values) : row.app_key,
        updated_at: now,
      },
      shown: { metadata: metadata?.generated ?? new Set(), botSecret: bot.secretGenerated },
      // Sending the metadata of a gateway that is not well is how a person asks for another try.
      toVerify: metadata !== undefined && (metadata.changed || row.status !== 'ok'),
    };
  }

  /** @throws Problem 422 when the network refuses the settings */
  async verify(planned: PlannedGateway): Promise<PlannedGateway> {
    if (!planned.toVerify) return planned;
    const gateway = this.loader.load(planned.row, []);
    if (!gateway) return planned;
    const { status, reason, expiresAt } = await this.verifier.verifyGiven(gateway);
    const verified = { status, status_reason: reason, credentials_expire_at: expiresAt };
    return { ...planned, row: { ...planned.row, ...verified } };
  }

  private requireType(name: string): GatewayType {
    const type = this.types.find(name);
    if (type) return type;
    const installed = this.types
      .all()
      .map((candidate) => candidate.type)
      .join(', ');
    throw new Problem(400, 'gateway.type.unknown', `There is no such gateway type; installed are ${installed}.`, [
      { path: 'type', code: 'gateway.type.unknown', message: `must be one of ${installed}` },
    ]);
  }

  /** What was not given anew stays under the bytes it has; what cannot be read here may be readable elsewhere. */
  private reseal(type: GatewayType, stored: StoredMetadata, merged: MergedMetadata): StoredMetadata {
    const kept = Object.entries(stored).filter(([name]) => merged.kept.has(name));
    return { ...Object.fromEntries(kept), ...sealMetadata(merged.values, type, this.cipher) };
  }

  private changeBot(
    stored: StoredBot | null,
    given: PatchGatewayDto['bot'],
    now: Date,
  ): { readonly stored: StoredBot | null; readonly secretGenerated: boolean } {
    if (given === undefined) return { stored, secretGenerated: false };
    if (given === null) return { stored: null, secretGenerated: false };
    const current = openBot(stored, this.cipher);
    const merged = mergeBot(given, current.status === 'open' ? current.bot : undefined, this.botOptions(now));
    return { stored: sealBot(merged.bot, this.cipher), secretGenerated: merged.secretGenerated };
  }

  private botOptions(now: Date): { readonly allowPrivateUrls: boolean; readonly now: Date } {
    return { allowPrivateUrls: this.config.allowPrivateUrls, now };
  }
}

function requireRight(merged: MergedMetadata): MergedMetadata {
  if (merged.errors.length === 0) return merged;
  const paths = merged.errors.slice(0, 5).map(({ path }) => path);
  throw new Problem(
    400,
    'validation.failed',
    `The metadata is not what this gateway type takes: ${paths.join(', ')}.`,
    merged.errors.slice(0, 50),
  );
}

function refuseFixed(row: GatewayRow, patch: PatchGatewayDto): void {
  for (const field of ['uri', 'type'] as const) {
    if (patch[field] === undefined || patch[field] === row[field]) continue;
    throw new Problem(400, 'gateway.field.fixed', `${field} cannot be changed; make another gateway instead.`, [
      { path: field, code: 'gateway.field.fixed', message: 'cannot be changed' },
    ]);
  }
}

function appKeyOf(type: GatewayType, values: Readonly<Record<string, string>>): string | null {
  return type.webhook.shared?.key(withDefaults(values, type)) ?? null;
}
