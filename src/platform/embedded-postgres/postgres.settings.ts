import { totalmem } from 'node:os';

/**
 * A small server that loses nothing: every commit is on disk before it is answered. Replication is off, so the log of
 * changes is the short one. No parallel queries: they need /dev/shm, which containers keep small.
 */
const DURABLE: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '128MB',
  max_wal_size: '1GB',
  max_connections: '200',
  // The queue-like tables fill with dead rows within seconds (the migrations say which ones and how many may be).
  autovacuum_naptime: '5s',
  // Everything is looked up by key, so samples of 7,500 rows say as much as the usual 30,000, for a quarter of the time.
  default_statistics_target: '25',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  timezone: 'UTC',
  cluster_name: 'patchbay',
};

const MEBIBYTE = 1024 * 1024;
const LEAST_BUFFERS_MIB = 128;
const MOST_BUFFERS_MIB = 1024;

/**
 * A sixteenth of the memory, since it is not alone here: what a backlog of a million messages keeps busy is a gigabyte, and pages
 * that come and go cost a fifth of PostgreSQL's time.
 *
 * @param memory that this process may have, in bytes
 */
export function sharedBuffers(memory: number): string {
  const share = Math.floor(memory / 16 / MEBIBYTE);
  return `${Math.min(MOST_BUFFERS_MIB, Math.max(LEAST_BUFFERS_MIB, share))}MB`;
}

/** A container's limit, where there is one. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** One plain file that the gateway keeps short. Neither statements nor rows: they would carry what people wrote. */
const LOGGING: Readonly<Record<string, string>> = {
  logging_collector: 'off',
  log_destination: 'stderr',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_checkpoints: 'off',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  lc_messages: 'C',
};

/** Loopback only, and a socket that only the server's own user may open. */
function reachOf(port: number, socketFolder: string | undefined): Readonly<Record<string, string>> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketFolder === undefined ? '' : `"${socketFolder}"`,
    unix_socket_permissions: '0700',
  };
}

/** The postmaster's arguments; where it listens is not the caller's to change. */
export function postmasterArguments(
  clusterDir: string,
  port: number,
  socketFolder: string | undefined,
  settings: Readonly<Record<string, string>> = {},
): string[] {
  const all = {
    shared_buffers: sharedBuffers(memoryHere()),
    ...DURABLE,
    ...LOGGING,
    ...settings,
    ...reachOf(port, socketFolder),
  };
  return ['-D', clusterDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
