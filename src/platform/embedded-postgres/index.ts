export { DataDirLock } from './data-dir.lock.js';
export { DataDirHeldError, EmbeddedPostgresError } from './embedded-postgres.errors.js';
export { startEmbeddedPostgres } from './embedded-postgres.js';
export type { EmbeddedPostgres } from './embedded-postgres.types.js';
