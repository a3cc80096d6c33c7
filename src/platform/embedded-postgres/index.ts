export { DataDirLock } from './data-dir.lock.js';
export { DataDirHeldError, EmbeddedPostgresError } from './embedded-postgres.errors.js';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresExit,
  type EmbeddedPostgresLog,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.js';
