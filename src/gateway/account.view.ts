import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type AccountHealth,
  type AccountLimits,
  type HealthProblem,
  type JsonObject,
  REGISTRATION_STEPS,
  type RegistrationStep,
  isJsonObject,
} from '../contract/index.js';
import { type Cipher, mask } from '../platform/secrets/cipher.js';
import type { AccountRow } from './account.repository.js';
import { type BotView, botView } from './stored-bot.js';
import { openSecret } from './stored-metadata.js';

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
  @ApiPropertyOptional({ type: Number, nullable: true, description: 'people in a moving day; null: unlimited' })
  limit?: number | null;
  @ApiPropertyOptional({ description: 'of the name that people see, in the network’s own word' })
  nameStatus?: string;
  @ApiPropertyOptional({ description: 'of a name that was asked for in its place' })
  newNameStatus?: string;
  @ApiPropertyOptional({ description: 'whether somebody has proved that the number is theirs' })
  verification?: string;
  @ApiPropertyOptional({ description: 'live, or a sandbox' })
  mode?: string;
  @ApiPropertyOptional({ description: 'whether the network lets it send, in its own word' })
  canSend?: string;
  @ApiPropertyOptional({ type: [Object], description: 'what the network has against it, or what it belongs to' })
  problems?: readonly HealthProblem[];
  @ApiPropertyOptional({
    enum: REGISTRATION_STEPS,
    description: 'what is to be done next to take the number into use: POST /accounts/:id/<this>',
  })
  nextStep?: RegistrationStep;
  @ApiPropertyOptional({ description: 'the PIN that it was registered with here, masked' })
  pin?: string;
  @ApiPropertyOptional({ description: 'of its own, masked; absent: the gateway’s is used' })
  credential?: string;
  @ApiPropertyOptional({ description: 'when the network stops taking the credential that is used for it' })
  credentialExpiresAt?: string;
  @ApiPropertyOptional({ description: 'when the network was last asked how it is, setups aside' })
  readAt?: string;
  @ApiPropertyOptional({ description: 'why the last reading failed; what is shown is then as old as readAt says' })
  readError?: string;
  @ApiPropertyOptional({ type: Object, description: 'the stop switch is on: {reason, until, class?}' })
  paused?: { readonly reason: string; readonly until: string | null; readonly class?: string };
  @ApiPropertyOptional({
    type: [Object],
    description: 'what keeps it from sending: {code, detail, classes, since, until}',
  })
  holds?: readonly object[];
  @ApiPropertyOptional({ description: 'messages that wait for their turn' })
  queued?: number;
  @ApiPropertyOptional({ description: 'messages that something holds' })
  held?: number;
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
  readonly limits: AccountLimits;
  readonly next: RegistrationStep | undefined;
  readonly gatewayCredentialExpiresAt: Date | undefined;
  /** what rooms to the right know of it, as it is shown */
  readonly standing: object;
  readonly cipher: Cipher;
}

export function accountView(
  row: AccountRow,
  { uri, health, limits, next, gatewayCredentialExpiresAt, standing, cipher }: Surroundings,
  secretInClear = false,
): AccountView {
  const expiresAt = row.credential ? row.credential_expires_at : gatewayCredentialExpiresAt;
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
    ...(limits.tier && { limit: limits.tier.limit }),
    ...(next !== undefined && { nextStep: next }),
    ...(row.has_pin && { pin: mask('') }),
    ...(row.credential && { credential: maskedCredential(row.credential.encrypted, cipher) }),
    ...(expiresAt && { credentialExpiresAt: expiresAt.toISOString() }),
    ...(row.read_at && { readAt: row.read_at.toISOString() }),
    ...(row.read_error !== null && { readError: row.read_error }),
    ...standing,
    ...newsOf(row.news),
    ...(row.connected_since && { connectedSince: row.connected_since.toISOString() }),
    ...(row.bot && { bot: botView(row.bot, cipher, secretInClear) }),
    ...(row.bot?.disabledReason !== undefined && { botDisabledReason: row.bot.disabledReason }),
  };
}

function maskedCredential(encrypted: string, cipher: Cipher): string {
  const opened = openSecret(encrypted, cipher);
  return mask(opened.ok ? opened.value : '');
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
