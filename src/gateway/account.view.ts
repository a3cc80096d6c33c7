import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type AccountHealth, type JsonObject, isJsonObject } from '../contract/index.js';
import type { Cipher } from '../platform/secrets/cipher.js';
import type { AccountRow } from './account.repository.js';
import { type BotView, botView } from './stored-bot.js';

/** What the network told of an account or its group. */
export interface NewsView {
  readonly topic: string;
  readonly at: string;
  readonly value: unknown;
}

export type AccountState = 'active' | 'inactive' | 'disabled' | 'missing';

/** One sender as the API shows it. */
export class AccountView {
  @ApiProperty({ description: 'its address at the network, e.g. a phone number id' })
  id!: string;
  @ApiProperty({ type: Object })
  gateway!: { readonly id: string; readonly uri: string };
  @ApiProperty()
  channel!: string;
  @ApiProperty({ type: Object, description: 'what the network subscribes, e.g. a WhatsApp Business Account' })
  group!: { readonly id: string; readonly news?: readonly NewsView[] };
  @ApiProperty()
  name!: string;
  @ApiPropertyOptional({ description: 'digits' })
  phone?: string;
  @ApiProperty()
  active!: boolean;
  @ApiProperty()
  enabled!: boolean;
  @ApiProperty({ enum: ['active', 'inactive', 'disabled', 'missing'] })
  state!: AccountState;
  @ApiPropertyOptional({ description: 'the network’s own word' })
  status?: string;
  @ApiPropertyOptional()
  quality?: string;
  @ApiPropertyOptional()
  throughput?: string;
  @ApiPropertyOptional()
  messagingLimit?: string;
  @ApiPropertyOptional({ type: [Object], description: 'what the network told last, of each kind, the newest first' })
  news?: readonly NewsView[];
  @ApiPropertyOptional({ description: 'active without a gap since' })
  connectedSince?: string;
  @ApiPropertyOptional({ type: Object })
  bot?: BotView;
  @ApiPropertyOptional({ description: 'why its own bot is no longer called' })
  botDisabledReason?: string;
}

interface Surroundings {
  readonly uri: string;
  readonly health: AccountHealth;
  readonly cipher: Cipher;
}

export function accountView(
  row: AccountRow,
  { uri, health, cipher }: Surroundings,
  secretInClear = false,
): AccountView {
  return {
    id: row.address,
    gateway: { id: row.gateway_id, uri },
    channel: row.channel,
    group: { id: row.group_address, ...newsOf(row.group_news) },
    name: row.name,
    ...(row.phone !== null && { phone: row.phone }),
    active: row.active,
    enabled: row.enabled,
    state: stateOf(row),
    ...health,
    ...newsOf(row.news),
    ...(row.connected_since && { connectedSince: row.connected_since.toISOString() }),
    ...(row.bot && { bot: botView(row.bot, cipher, secretInClear) }),
    ...(row.bot?.disabledReason !== undefined && { botDisabledReason: row.bot.disabledReason }),
  };
}

/** Absent where nothing was told. */
function newsOf(news: JsonObject): { news?: readonly NewsView[] } {
  const list = Object.entries(news).flatMap(([topic, told]) =>
    isJsonObject(told) && typeof told['at'] === 'string'
      ? [{ topic, at: new Date(told['at']).toISOString(), value: told['value'] }]
      : [],
  );
  return list.length === 0 ? {} : { news: list.toSorted((a, b) => (a.at < b.at ? 1 : -1)) };
}

function stateOf(row: AccountRow): AccountState {
  if (!row.enabled) return 'disabled';
  if (row.missing_since) return 'missing';
  return row.active ? 'active' : 'inactive';
}
