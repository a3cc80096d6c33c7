/** A set-up problem of the embedded database. The message is a sentence for the operator and says what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name: string = 'EmbeddedPostgresError';
}

/** Another living process works on the same DATA_DIR. Two gateways on one folder would tear each other's data apart. */
export class DataDirHeldError extends Error {
  override readonly name = 'DataDirHeldError';

  constructor(
    readonly dataDir: string,
    readonly pid: number,
    where = '',
  ) {
    const holder = pid === process.pid ? `this very process (pid ${pid})` : `process ${pid}${where}`;
    super(`DATA_DIR ${dataDir} is held by ${holder}: stop it first, or give this process a DATA_DIR of its own.`);
  }
}

/** The text of anything that was thrown. Asks for the property, not the class: a test runner's realm has an Error of its own. */
export function reasonOf(error: unknown): string {
  return propertyOf(error, 'message') ?? String(error);
}

/** The `code` of a failed system call (`ENOENT`, `EACCES` …). */
export function codeOf(error: unknown): string | undefined {
  return propertyOf(error, 'code');
}

function propertyOf(error: unknown, name: 'message' | 'code'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = (error as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}
