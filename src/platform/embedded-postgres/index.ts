export { DataDirLock } from './data-dir.lock.js';
export { DataDirHeldError, EmbeddedPostgresError } from './embedded-postgres.errors.js';
export { startEmbeddedPostgres } from './embedded-postgres.js';
export type {
  EmbeddedPostgres,
  EmbeddedPostgresExit,
  EmbeddedPostgresLog,
  EmbeddedPostgresOptions,
} from './embedded-postgres.types.js';
