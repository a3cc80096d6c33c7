/** The environment after parsing: one typed value, read once at start. Nobody else reads `process.env`. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** without a trailing slash */
  readonly publicUrl: string;
  readonly dataDir: string;
  /** absent: embedded PostgreSQL under `dataDir` */
  readonly databaseUrl?: string;
  /** absent: BullMQ on PostgreSQL */
  readonly redisUrl?: string;
  readonly roles: ReadonlySet<Role>;
  /** absent: generated into `dataDir` */
  readonly encryptionKeys?: readonly Buffer[];
  /** absent: generated into `dataDir` and printed once */
  readonly adminApiKey?: string;
  readonly graphUrl: string;
  readonly graphVersion: string;
  /** requests per minute and key */
  readonly apiRateLimit: number;
  readonly allowPrivateUrls: boolean;
  /** how long webhooks, bot events and unhandled events are kept */
  readonly retentionEventsDays: number;
  /** how long messages are kept, with their history, attempts and provider ids */
  readonly retentionMessagesDays: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'pretty' | 'json';
  /** only the fault tests set it: where this process is to die */
  readonly crashPoint?: string;
}

export const ROLES = ['api', 'worker'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A bad environment: the process must not start. Its message is for the person who set the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** EX_CONFIG of sysexits.h */
  static readonly exitCode = 78;
}
