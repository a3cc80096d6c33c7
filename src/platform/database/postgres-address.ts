/** Where a PostgreSQL is and as whom: a connection string, or its parts as the driver takes them. Holds a password: never log it. */
export type PostgresAddress = string | PostgresParts;

export interface PostgresParts {
  /** the other members are read only where it does not say */
  readonly connectionString?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /** a function is asked for each connection, for passwords that do not last */
  readonly password?: string | (() => string | Promise<string>);
  readonly database?: string;
  /** as Node's `tls.connect` takes it, or whether */
  readonly ssl?: boolean | object;
}

/** As the `pg` driver, and BullMQ's pool of it, want to be told. */
export function driverOptions(address: PostgresAddress): PostgresParts {
  return typeof address === 'string' ? { connectionString: address } : address;
}
