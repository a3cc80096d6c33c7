/** Every environment variable, as data: the parser, `.env.example` and the README's table are made from it. */
export interface VariableSpec {
  readonly name: string;
  readonly default: string;
  readonly meaning: string;
}

/** The newest Graph API version this release was written against (Meta's changelog, 2026-07-29). */
export const NEWEST_GRAPH_VERSION = 'v26.0';

export const VARIABLES = [
  { name: 'PORT', default: '3000', meaning: 'TCP port to listen on' },
  { name: 'HOST', default: '127.0.0.1', meaning: 'address to listen on' },
  {
    name: 'PUBLIC_URL',
    default: 'http://localhost:$PORT',
    meaning: 'how providers reach this server; callback URIs are built from it',
  },
  { name: 'DATA_DIR', default: './data', meaning: 'embedded database, generated secrets (mode 0600), local media' },
  { name: 'DATABASE_URL', default: '', meaning: 'any PostgreSQL ≥ 14; absent: embedded PostgreSQL under DATA_DIR' },
  { name: 'REDIS_URL', default: '', meaning: 'Redis ≥ 6.2 or Valkey for BullMQ; absent: BullMQ on PostgreSQL' },
  { name: 'ROLES', default: 'api,worker', meaning: 'which parts this process runs' },
  {
    name: 'ENCRYPTION_KEY',
    default: '',
    meaning:
      '32 bytes in base64; a comma-separated list rotates (first encrypts, all decrypt); required with DATABASE_URL',
  },
  {
    name: 'ADMIN_API_KEY',
    default: '',
    meaning: 'bootstrap key with every permission; absent: generated into DATA_DIR/admin.key',
  },
  {
    name: 'GRAPH_URL',
    default: 'https://graph.facebook.com',
    meaning: 'Meta Graph API; a gateway’s metadata graph_url overrides it',
  },
  {
    name: 'GRAPH_VERSION',
    default: NEWEST_GRAPH_VERSION,
    meaning: 'Graph API version; a gateway’s metadata version overrides it',
  },
  { name: 'API_RATE_LIMIT', default: '600', meaning: 'API requests per minute and key; none for the bootstrap key' },
  {
    name: 'ALLOW_PRIVATE_URLS',
    default: 'true when embedded, else false',
    meaning: 'whether bots, webhooks and media links may point at loopback and private addresses',
  },
  {
    name: 'RETENTION_EVENTS_DAYS',
    default: '30',
    meaning: 'how long webhooks, bot events and unhandled events are kept, in days; at least 8',
  },
  {
    name: 'RETENTION_MESSAGES_DAYS',
    default: '365',
    meaning: 'how long messages are kept, with their history, in days; at least 8',
  },
  {
    name: 'RETENTION_MEDIA_DAYS',
    default: 'as RETENTION_MESSAGES_DAYS',
    meaning: 'how long files of messages are kept after they were last used, in days; at least 8',
  },
  {
    name: 'MEDIA_URL',
    default: '',
    meaning:
      'where files are kept: s3://bucket/prefix?region=…&endpoint=…; absent: DATA_DIR/media, which only processes of one host share',
  },
  { name: 'MEDIA_LINK_SECONDS', default: '86400', meaning: 'how long a link to a file works, in seconds; at least 60' },
  {
    name: 'ACCOUNT_REFRESH_SECONDS',
    default: '1800',
    meaning:
      'how often the networks are asked how accounts are doing, in seconds, 10 to 86400; one call for each WhatsApp Business Account, two for each active page',
  },
  {
    name: 'START_HELD',
    default: 'false',
    meaning: 'true: nothing is sent until POST /limits/resume; for the first start from a backup',
  },
  { name: 'LOG_LEVEL', default: 'info', meaning: 'fatal, error, warn, info, debug, trace or silent' },
  { name: 'LOG_FORMAT', default: 'pretty on a terminal, else json', meaning: 'pretty or json' },
] as const satisfies readonly VariableSpec[];

export type VariableName = (typeof VARIABLES)[number]['name'];
