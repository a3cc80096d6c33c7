import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from '../config/config.js';

/** The process's log: one line per event, no token, and no message text at `info`. */
export type Log = Logger;

/** Header and field names that never reach a log line, wherever they sit. */
const REDACTED = [
  'req.headers.authorization',
  'req.headers.cookie',
  'headers.authorization',
  '*.authorization',
  '*.client_secret',
  '*.whatsapp_token',
  '*.access_token',
  '*.verify_token',
];

export function createLog(config: Pick<Config, 'logLevel' | 'logFormat'>, destination?: DestinationStream): Log {
  const options: LoggerOptions = {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '••••' },
    formatters: { level: (label) => ({ level: label }) },
  };
  if (destination) return pino(options, destination);
  if (config.logFormat === 'json') return pino(options);
  const { formatters: _, ...prettyOptions } = options;
  return pino({ ...prettyOptions, transport: { target: 'pino-pretty', options: { translateTime: 'SYS:HH:MM:ss.l' } } });
}
