import { ConfigError } from '../platform/config/config.js';
import type { PostgresAddress, PostgresParts } from '../platform/database/postgres-address.js';

/** A TypeORM DataSource, as far as we look at it: any version of TypeORM will do. */
export interface DataSourceLike {
  readonly options: { readonly type: string };
}

/** What of a DataSource's options says where the database is. */
interface Credentials {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: PostgresParts['password'];
  readonly database?: string;
  readonly ssl?: PostgresParts['ssl'];
}

export function isDataSource(given: PostgresParts | DataSourceLike): given is DataSourceLike {
  return 'options' in given;
}

/**
 * The address of a host's DataSource. Only that is taken from it: our connections are our own, since every one of theirs looks
 * for tables in the host's schema.
 *
 * @throws ConfigError when it is not one of PostgreSQL
 */
export function addressOf({ options }: DataSourceLike): PostgresAddress {
  if (options.type !== 'postgres') {
    throw new ConfigError(
      `dataSource is not usable: given a DataSource of the type ${options.type}, allowed is postgres, or the connection URL of a PostgreSQL of its own.`,
    );
  }
  const { replication, extra, ...own } = options as Credentials & {
    readonly type: string;
    readonly replication?: { readonly master?: Credentials };
    readonly extra?: { readonly ssl?: PostgresParts['ssl'] };
  };
  const { url, host, port, username, password, database, ssl } = { ...own, ...replication?.master };
  const secured = ssl ?? extra?.ssl;
  const parts = {
    connectionString: url,
    ...(url === undefined && { host, port, user: username, password, database }),
    ssl: secured,
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}
