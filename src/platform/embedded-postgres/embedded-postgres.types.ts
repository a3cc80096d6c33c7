import type { DataDirLock } from './data-dir.lock.js';

/** Where this room reports to; a pino logger is one. */
export interface EmbeddedPostgresLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly log: EmbeddedPostgresLog;
  /** The lock on the same `dataDir`, if the caller took it before; it then stays the caller's to release. */
  readonly lock?: DataDirLock;
  /** The database to connect to, created when missing. Default `patchbay`. */
  readonly database?: string;
  /** A fixed port. Default: the one of the last start, or a free one. */
  readonly port?: number;
  /** PostgreSQL settings over ours, such as `{ fsync: 'off' }` for a test. */
  readonly settings?: Readonly<Record<string, string>>;
  /** As root: whether to try a user namespace before dropping to an unprivileged user. Default `true`. */
  readonly userNamespace?: boolean;
}

/** How a run of the server process ended. */
export interface PostmasterExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Why the database is gone for good: it was stopped, or it could not be started again for minutes. */
export type EmbeddedPostgresExit =
  { readonly status: 'stopped' } | { readonly status: 'lost'; readonly reason: string; readonly exit: PostmasterExit };

export interface EmbeddedPostgres {
  /** through the socket where there is one */
  readonly connectionString: string;
  /** for BullMQ, which goes on after a connection is refused, and gives up where a socket is gone */
  readonly tcpConnectionString: string;
  readonly port: number;
  readonly dataDir: string;
  /** The server's process at the moment; another one after it died and was started again. */
  readonly pid: number | undefined;
  /** Resolves when the database is gone for good. A server that dies is started again and does not count. */
  readonly exited: Promise<EmbeddedPostgresExit>;
  /** Ends the sessions, writes everything, releases `dataDir`. May be called again. */
  stop(): Promise<void>;
}
