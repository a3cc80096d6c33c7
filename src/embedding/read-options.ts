import { ConfigError, type Config } from '../platform/config/config.js';
import { readConfig } from '../platform/config/read-config.js';
import type { PostgresAddress } from '../platform/database/postgres-address.js';
import type { Standing } from '../open-platform.js';
import { addressOf, isDataSource } from './host-data-source.js';
import type { PatchbayOptions } from './options.js';

export interface ReadOptions {
  readonly config: Config;
  readonly standing: Standing;
  /** with a slash before it and none behind */
  readonly path: string;
}

const DEFAULT_PATH = '/patchbay';

/** The options that become variables of the configuration, whose reader judges them. */
const OPTION_OF: Readonly<Record<string, string>> = {
  PUBLIC_URL: 'publicUrl',
  DATA_DIR: 'dataDir',
  ROLES: 'roles',
  ENCRYPTION_KEY: 'encryptionKey',
  ADMIN_API_KEY: 'adminApiKey',
  REDIS_URL: 'queue.redis',
  DATABASE_URL: 'dataSource',
};

/** @throws ConfigError that names the option, what was given and what is allowed; secrets are not repeated */
export function readOptions(options: PatchbayOptions): ReadOptions {
  const path = readPath(options.path ?? DEFAULT_PATH);
  const database = readAddress(options.dataSource);
  const keys = [options.encryptionKey ?? []].flat();
  if (database !== undefined && keys.length === 0)
    refuse('encryptionKey', 'nothing', '32 bytes in base64 (make one: openssl rand -base64 32)');
  const roles = options.roles ?? ['api', 'worker'];
  if (roles.includes('api') && options.adminApiKey === undefined && options.access === undefined)
    refuse('adminApiKey', 'nothing', 'a key of at least 16 characters, or `access`, which says who may do what');
  const { redis, prefix } = options.queue ?? {};
  const config = configOf({
    ...options.settings,
    ALLOW_PRIVATE_URLS: options.settings?.ALLOW_PRIVATE_URLS ?? String(database === undefined),
    PUBLIC_URL: options.publicUrl,
    ROLES: roles.join(','),
    DATA_DIR: options.dataDir,
    ENCRYPTION_KEY: keys.join(','),
    ADMIN_API_KEY: options.adminApiKey,
    REDIS_URL: typeof redis === 'string' ? redis : undefined,
    DATABASE_URL: typeof database === 'string' ? database : undefined,
  });
  return {
    config: { ...config, publicUrl: config.publicUrl + path },
    path,
    standing: {
      ...(database !== undefined && { database }),
      ...(options.schema !== undefined && { schema: readSchema(options.schema) }),
      ...(typeof redis === 'object' && { redis }),
      ...(prefix !== undefined && { queuePrefix: readPrefix(prefix) }),
    },
  };
}

function configOf(env: Readonly<Record<string, string | undefined>>): Config {
  try {
    return readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      error.message.replace(/^[A-Z_]+/, (name) => OPTION_OF[name] ?? `settings.${name}`),
      { cause: error },
    );
  }
}

function readAddress(given: PatchbayOptions['dataSource']): PostgresAddress | undefined {
  if (given === 'embedded') return undefined;
  if (typeof given === 'string') return given;
  if (typeof given !== 'object' || given === null)
    refuse(
      'dataSource',
      JSON.stringify(given) ?? 'nothing',
      'a DataSource, a connection URL, its parts, or "embedded"',
    );
  return isDataSource(given) ? addressOf(given) : given;
}

function readPath(given: string): string {
  const path = `/${given.split('/').filter(Boolean).join('/')}`;
  if (/^(\/[\w.~-]+)+$/.test(path)) return path;
  return refuse(
    'path',
    JSON.stringify(given),
    'a path of letters, digits and - . _ ~ that is not the root, e.g. /patchbay',
  );
}

/** It goes into SQL as it is, and that of the queue has six letters more. */
function readSchema(given: string): string {
  if (/^[a-z_][a-z0-9_]{0,50}$/.test(given) && !given.startsWith('pg_') && given !== 'public') return given;
  return refuse(
    'schema',
    JSON.stringify(given),
    'a schema of our own: a-z 0-9 _, at most 51, beginning with a letter or _, neither public nor pg_…',
  );
}

function readPrefix(given: string): string {
  if (/^[\w.-]{1,64}$/.test(given)) return given;
  return refuse('queue.prefix', JSON.stringify(given), '1 to 64 of letters, digits and - . _');
}

function refuse(option: string, given: string, allowed: string): never {
  throw new ConfigError(`${option} is not usable: given ${given}, allowed is ${allowed}.`);
}
