import { Logger } from '@nestjs/common';
import type { LogLevel } from '../platform/config/config.js';
import { type Log, createLog } from '../platform/logging/log.js';

/** How each level is called by Nest's logger. */
const METHODS = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  info: 'log',
  debug: 'debug',
  trace: 'verbose',
} as const;

interface Line {
  readonly level: keyof typeof METHODS;
  readonly msg: string;
  readonly err?: { readonly stack?: string };
}

/** Our log, written to the host's: one line per event, redacted as ever, in the context `Patchbay`. */
export function hostLog(logLevel: LogLevel, logger: Logger = new Logger('Patchbay')): Log {
  return createLog({ logLevel, logFormat: 'json' }, { write: (text) => tell(logger, text) });
}

function tell(logger: Logger, text: string): void {
  const { level, msg, time: _, ...fields } = JSON.parse(text) as Line & { readonly time: string };
  const details = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
  logger[METHODS[level]](msg + details);
}
