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
  /** nothing is sent until somebody says so */
  readonly startHeld: boolean;
  /** how long webhooks, bot events and unhandled events are kept */
  readonly retentionEventsDays: number;
  /** how long messages are kept, with their history, attempts and provider ids */
  readonly retentionMessagesDays: number;
  /** how long files are kept after they were last used */
  readonly retentionMediaDays: number;
  /** absent: files are kept under `dataDir`/media */
  readonly mediaUrl?: MediaUrl;
  /** how long a link to a file works */
  readonly mediaLinkSeconds: number;
  /** between two readings of how accounts are doing */
  readonly accountRefreshSeconds: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'pretty' | 'json';
  /** only the fault tests set it: where this process is to die */
  readonly crashPoint?: string;
}

/** Where files are kept in S3, or in what speaks like it. */
export interface MediaUrl {
  readonly bucket: string;
  /** before every key; empty, or with a slash at its end */
  readonly prefix: string;
  readonly region?: string;
  /** of a service that speaks S3 */
  readonly endpoint?: string;
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
