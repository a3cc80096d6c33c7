import { DEFAULT_WORLD } from './default-world.js';
import type { LimitOptions, LimitSettings } from './limits.types.js';
import type { ReceiptTimes } from './receipts.js';
import type { RetryPolicy } from './webhook-sender.js';
import type { WindowMode } from './windows.js';
import type { WorldInput } from './world.types.js';

/** What `startSimulator` takes; everything has a default. */
export interface SimulatorOptions {
  /** @default 0, a free port */
  port?: number;
  /** Makes ids, dice and shuffles repeatable. @default a fresh one, to be read from `sim.seed` */
  seed?: number;
  /** The time at Meta in ms; only stamps and windows use it. @default Date.now */
  now?: () => number;
  /** Added to the default world. */
  world?: WorldInput;
  /** Whether the default app, token, WABA and number exist. @default true */
  defaultWorld?: boolean;
  /** Sets the callback of the first app and subscribes it to every WABA, without any Graph call. */
  webhookUrl?: string;
  verifyToken?: string;
  /** Fields of that callback. @default all that WhatsApp knows */
  fields?: readonly string[];
  /** @default 'strict' */
  window?: WindowMode;
  /** @default 24 hours */
  windowMs?: number;
  /** Times between statuses; false = none by themselves. @default {sentMs: 1, deliveredMs: 2, readMs: false} */
  statuses?: Partial<ReceiptTimes> | false;
  /** Meta's limits: only recorded, or enforced too. @default 'judge' */
  limits?: LimitOptions;
  /** Statuses go out in POSTs of 1 to so many; those of one message may overtake each other. @default 1, in order */
  statusBatch?: number;
  /** @default first after 100 ms, then twice as long each time up to 5 s, for 10 minutes */
  retry?: Partial<RetryPolicy>;
  /** Concurrent webhooks per receiver. @default 64 */
  webhookConnections?: number;
  /** @default 20,000 */
  webhookTimeoutMs?: number;
  /** Public addresses and where they lead, such as `{'https://chat.example': 'http://127.0.0.1:3000'}`. @default none */
  tunnels?: Readonly<Record<string, string>>;
  /** How many requests, messages and webhooks to remember; false = none. @default 20,000 */
  record?: number | false;
}

/** The options with nothing left open. */
export interface Settings {
  port: number;
  seed: number;
  now: () => number;
  world: WorldInput;
  defaultWorld: boolean;
  webhookUrl: string | undefined;
  verifyToken: string;
  fields: readonly string[];
  window: WindowMode;
  windowMs: number;
  statuses: ReceiptTimes | false;
  limits: LimitSettings;
  statusBatch: number;
  retry: RetryPolicy;
  webhookConnections: number;
  webhookTimeoutMs: number;
  tunnels: Readonly<Record<string, string>>;
  record: number;
}

/** The webhook fields of Meta's App Dashboard, and the one that only its page on overrides names. */
export const WEBHOOK_FIELDS: readonly string[] = [
  'account_alerts',
  'account_review_update',
  'account_settings_update',
  'account_update',
  'automatic_events',
  'business_capability_update',
  'business_status_update',
  'business_username_updates',
  'calls',
  'consumer_profile',
  'flows',
  'group_lifecycle_update',
  'group_participants_update',
  'group_settings_update',
  'group_status_update',
  'history',
  'message_echoes',
  'message_template_components_update',
  'message_template_quality_update',
  'message_template_status_update',
  'messages',
  'messaging_handovers',
  'partner_solutions',
  'payment_configuration_update',
  'phone_number_name_update',
  'phone_number_quality_update',
  'security',
  'smb_app_state_sync',
  'smb_message_echoes',
  'standby',
  'template_category_update',
  'template_correct_category_detection',
  'tracking_events',
  'user_preferences',
];

const LIMITS: LimitSettings = { mode: 'judge', burst: undefined, pair: 'lenient', tier: 'fail', tierCode: 131_048 };

export function settle(options: SimulatorOptions): Settings {
  const { statuses = {}, record = 20_000, limits = 'judge' } = options;
  return {
    port: options.port ?? 0,
    seed: options.seed ?? Math.floor(Math.random() * 4_294_967_296),
    now: options.now ?? Date.now,
    world: options.world ?? {},
    defaultWorld: options.defaultWorld ?? true,
    webhookUrl: options.webhookUrl,
    verifyToken: options.verifyToken ?? DEFAULT_WORLD.verifyToken,
    fields: options.fields ?? WEBHOOK_FIELDS,
    window: options.window ?? 'strict',
    windowMs: options.windowMs ?? 24 * 60 * 60 * 1000,
    statuses: statuses === false ? false : { sentMs: 1, deliveredMs: 2, readMs: false, ...statuses },
    limits: { ...LIMITS, ...(typeof limits === 'string' ? { mode: limits } : limits) },
    statusBatch: options.statusBatch ?? 1,
    retry: { firstMs: 100, factor: 2, capMs: 5000, giveUpAfterMs: 600_000, ...options.retry },
    webhookConnections: options.webhookConnections ?? 64,
    webhookTimeoutMs: options.webhookTimeoutMs ?? 20_000,
    tunnels: options.tunnels ?? {},
    record: record === false ? 0 : record,
  };
}
