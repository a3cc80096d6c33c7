import { resolve } from 'node:path';
import { type Config, ConfigError, LOG_LEVELS, type MediaUrl, ROLES, type Role } from './config.js';
import { NEWEST_GRAPH_VERSION, type VariableName } from './variables.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the environment. Every bad value is one {@link ConfigError} that names the variable, what was given and what is
 * allowed. Secrets are never repeated in the message.
 *
 * @param isTerminal whether standard output is a terminal (chooses the default LOG_FORMAT)
 */
export function readConfig(env: Environment, isTerminal = false): Config {
  const read = (name: VariableName): string | undefined => env[name]?.trim() || undefined;
  const port = integer('PORT', read('PORT') ?? '3000', 0, 65_535);
  const databaseUrl = optionalUrl('DATABASE_URL', read('DATABASE_URL'), ['postgres:', 'postgresql:']);
  const redisUrl = optionalUrl('REDIS_URL', read('REDIS_URL'), ['redis:', 'rediss:']);
  const encryptionKeys = parseKeys(read('ENCRYPTION_KEY'));
  if (databaseUrl && !encryptionKeys) {
    fail(
      'ENCRYPTION_KEY',
      'nothing',
      '32 bytes in base64, because DATABASE_URL is set (make one: openssl rand -base64 32)',
    );
  }
  const adminApiKey = read('ADMIN_API_KEY');
  if (adminApiKey !== undefined && adminApiKey.length < 16) {
    fail('ADMIN_API_KEY', `${adminApiKey.length} characters`, 'at least 16 characters');
  }
  const mediaUrl = parseMediaUrl(read('MEDIA_URL'));
  const retentionMessagesDays = days('RETENTION_MESSAGES_DAYS', read('RETENTION_MESSAGES_DAYS') ?? '365');
  const crashPoint = env['PATCHBAY_CRASH_POINT'];
  return {
    port,
    host: read('HOST') ?? '127.0.0.1',
    publicUrl: httpUrl('PUBLIC_URL', read('PUBLIC_URL') ?? `http://localhost:${port}`),
    dataDir: resolve(read('DATA_DIR') ?? './data'),
    ...(databaseUrl && { databaseUrl }),
    ...(redisUrl && { redisUrl }),
    roles: parseRoles(read('ROLES') ?? 'api,worker'),
    ...(encryptionKeys && { encryptionKeys }),
    ...(adminApiKey && { adminApiKey }),
    graphUrl: httpUrl('GRAPH_URL', read('GRAPH_URL') ?? 'https://graph.facebook.com'),
    graphVersion: pattern(
      'GRAPH_VERSION',
      read('GRAPH_VERSION') ?? NEWEST_GRAPH_VERSION,
      /^v\d+\.\d+$/,
      'v<number>.<number>, e.g. v26.0',
    ),
    apiRateLimit: integer('API_RATE_LIMIT', read('API_RATE_LIMIT') ?? '600', 1, 1_000_000),
    allowPrivateUrls: boolean('ALLOW_PRIVATE_URLS', read('ALLOW_PRIVATE_URLS'), databaseUrl === undefined),
    startHeld: boolean('START_HELD', read('START_HELD'), false),
    retentionEventsDays: days('RETENTION_EVENTS_DAYS', read('RETENTION_EVENTS_DAYS') ?? '30'),
    retentionMessagesDays,
    retentionMediaDays: days('RETENTION_MEDIA_DAYS', read('RETENTION_MEDIA_DAYS') ?? String(retentionMessagesDays)),
    ...(mediaUrl && { mediaUrl }),
    mediaLinkSeconds: integer('MEDIA_LINK_SECONDS', read('MEDIA_LINK_SECONDS') ?? '86400', 60, 31_536_000),
    accountRefreshSeconds: integer('ACCOUNT_REFRESH_SECONDS', read('ACCOUNT_REFRESH_SECONDS') ?? '1800', 10, 86_400),
    logLevel: oneOf('LOG_LEVEL', read('LOG_LEVEL') ?? 'info', LOG_LEVELS),
    logFormat: oneOf('LOG_FORMAT', read('LOG_FORMAT') ?? (isTerminal ? 'pretty' : 'json'), ['pretty', 'json'] as const),
    ...(crashPoint && { crashPoint }),
  };
}

function fail(name: VariableName, given: string, allowed: string): never {
  throw new ConfigError(`${name} is not usable: given ${given}, allowed is ${allowed}.`);
}

function integer(name: VariableName, given: string, min: number, max: number): number {
  const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!(value >= min && value <= max)) fail(name, JSON.stringify(given), `a whole number from ${min} to ${max}`);
  return value;
}

/** Networks repeat what was not acknowledged for 7 days: what tells a repeat apart is kept longer. */
function days(name: VariableName, given: string): number {
  return integer(name, given, 8, 36_500);
}

function boolean(name: VariableName, given: string | undefined, otherwise: boolean): boolean {
  if (given === undefined) return otherwise;
  return oneOf(name, given.toLowerCase(), ['true', 'false'] as const) === 'true';
}

function oneOf<T extends string>(name: VariableName, given: string, allowed: readonly T[]): T {
  return allowed.find((value) => value === given) ?? fail(name, JSON.stringify(given), `one of ${allowed.join(', ')}`);
}

function pattern(name: VariableName, given: string, shape: RegExp, allowed: string): string {
  return shape.test(given) ? given : fail(name, JSON.stringify(given), allowed);
}

function httpUrl(name: VariableName, given: string): string {
  const allowed = 'an http:// or https:// URL without query, fragment or credentials';
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    return fail(name, JSON.stringify(given), allowed);
  }
  const clean =
    ['http:', 'https:'].includes(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
  return clean ? url.href.replace(/\/+$/, '') : fail(name, JSON.stringify(given), allowed);
}

/** The value may hold a password: only its scheme is repeated. */
function optionalUrl(name: VariableName, given: string | undefined, protocols: readonly string[]): string | undefined {
  if (given === undefined) return undefined;
  const allowed = `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    return fail(name, 'something that is not a URL', allowed);
  }
  return protocols.includes(url.protocol) ? given : fail(name, `a URL that starts with ${url.protocol}`, allowed);
}

function parseRoles(given: string): ReadonlySet<Role> {
  const roles = given.split(',').map((role) => oneOf('ROLES', role.trim(), ROLES));
  return new Set(roles);
}

function parseKeys(given: string | undefined): readonly Buffer[] | undefined {
  if (given === undefined) return undefined;
  return given.split(',').map((text, index) => {
    const key = Buffer.from(text.trim(), 'base64');
    const canonical = key.toString('base64').replace(/=+$/, '') === text.trim().replace(/=+$/, '');
    if (key.length === 32 && canonical) return key;
    return fail(
      'ENCRYPTION_KEY',
      `entry ${index + 1} with ${key.length} bytes`,
      '32 bytes in base64, or a comma-separated list of such keys',
    );
  });
}

function parseMediaUrl(given: string | undefined): MediaUrl | undefined {
  if (given === undefined) return undefined;
  const name = 'MEDIA_URL';
  const allowed = 's3://<bucket>/<prefix>?region=<region>&endpoint=<http or https URL>';
  const url = URL.canParse(given) ? new URL(given) : fail(name, 'something that is not a URL', allowed);
  if (url.protocol !== 's3:') fail(name, `a URL that starts with ${url.protocol}`, allowed);
  if (url.username || url.password) {
    fail(
      name,
      'a URL with credentials',
      `${allowed}; credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  }
  if (url.hostname === '') fail(name, 'a URL without a bucket', allowed);
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'region' && key !== 'endpoint');
  if (unknown !== undefined) fail(name, `the parameter ${unknown}`, allowed);
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  const region = url.searchParams.get('region') ?? undefined;
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : '')) {
    fail(name, `the endpoint ${JSON.stringify(endpoint)}`, allowed);
  }
  return {
    bucket: url.hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  };
}
