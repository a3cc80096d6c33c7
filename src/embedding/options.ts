import type { RedisOptions } from 'ioredis';
import type { HostAccess } from '../access/host-access.js';
import type { GatewayType } from '../contract/index.js';
import type { Role } from '../platform/config/config.js';
import type { VariableName } from '../platform/config/variables.js';
import type { PostgresParts } from '../platform/database/postgres-address.js';
import type { DataSourceLike } from './host-data-source.js';

/** What options of their own say, or what only a process of its own needs. */
type SaidElsewhere =
  | 'PORT'
  | 'HOST'
  | 'PUBLIC_URL'
  | 'DATA_DIR'
  | 'DATABASE_URL'
  | 'REDIS_URL'
  | 'ROLES'
  | 'ENCRYPTION_KEY'
  | 'ADMIN_API_KEY'
  | 'LOG_FORMAT';

/** The variables of the stand-alone app that a host may set, by their names there. */
export type PatchbaySettings = Readonly<Partial<Record<Exclude<VariableName, SaidElsewhere>, string>>>;

export interface QueueOptions {
  /** URL of a Redis or Valkey, or what ioredis takes; absent: BullMQ keeps its jobs in PostgreSQL, beside our tables */
  readonly redis?: string | RedisOptions;
  /** of the keys in Redis. Default: `patchbay-` and the start of the installation's id */
  readonly prefix?: string;
}

/** What a host application says to `PatchbayModule`. */
export interface PatchbayOptions {
  /** what can be configured, e.g. `[...houseGatewayTypes(), mine]`. Default: `houseGatewayTypes()` */
  readonly gatewayTypes?: readonly GatewayType[];
  /** everything of ours is served below it, and nothing else. A global prefix of the host does not count. Default: `/patchbay` */
  readonly path?: string;
  /** how networks reach the root of the host, e.g. `https://app.example.com`; callback URIs are built from it and `path` */
  readonly publicUrl: string;
  /**
   * The PostgreSQL: the host's own DataSource, of which only the address is used, or a URL, or its parts; `embedded` runs one under
   * `dataDir`, for trying things out.
   */
  readonly dataSource: DataSourceLike | PostgresParts | string;
  /** of our tables; BullMQ's, where they are in PostgreSQL, are in `<schema>_queue`. Default: `patchbay` */
  readonly schema?: string;
  readonly queue?: QueueOptions;
  /** which parts this process runs. Default: both */
  readonly roles?: readonly Role[];
  /** 32 bytes in base64; of several the first encrypts and all decrypt. May be absent with `dataSource: 'embedded'` only */
  readonly encryptionKey?: string | readonly string[];
  /** bootstrap API key with every permission; needed unless `access` is given */
  readonly adminApiKey?: string;
  /** takes the place of API keys: the host says who is asking */
  readonly access?: HostAccess;
  /** where files are kept unless MEDIA_URL names a bucket. Default: `./data` */
  readonly dataDir?: string;
  readonly settings?: PatchbaySettings;
}
