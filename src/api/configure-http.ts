import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { API_BASE } from '../access/api-route.decorator.js';
import { ProblemFilter } from '../platform/http/problem.filter.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { requestLog } from './request-log.js';

const MAX_BODY_BYTES = 1024 * 1024;

/** Ten thousand records with a sentence each. */
const MAX_IMPORT_BYTES = 8 * 1024 * 1024;
const IMPORT_PATH = `/${API_BASE}/contacts/consents`;
const RATE_CARD_PATH = `/${API_BASE}/rate-cards`;
/** Who reads their bodies themselves. */
const OWN_BODY_PATHS = /^\/api\/v1\/(?:messages\/batch|media)\/?(?:\?|$)/i;

/** Nest's type leaves `verify` out, since it would replace Nest's own when raw bodies are asked for; they are not. */
const JSON_BODIES = {
  limit: MAX_BODY_BYTES,
  type: (request: IncomingMessage) => isJson(request) && !readsItsBody(request),
  verify: (_request: unknown, _response: unknown, body: Buffer) => {
    if (!isUtf8(body)) throw new Problem(400, 'body.malformed', 'The body is not valid UTF-8.');
  },
};

/**
 * What the stand-alone application needs around its controllers; a host application has its own. The application must be
 * created with `bodyParser: false`.
 */
export function configureHttp(app: NestExpressApplication): void {
  const log = app.get<Log>(LOG);
  app.disable('x-powered-by');
  app.set('trust proxy', false);
  app.use(requestLog(log));
  app.use(
    helmet({
      // TLS ends before us: whether browsers must use it is for whoever ends it to say.
      strictTransportSecurity: false,
      contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
    }),
  );
  // What one parser has read, the next leaves alone.
  app.useBodyParser('json', { ...JSON_BODIES, limit: MAX_IMPORT_BYTES, type: isImport });
  app.useBodyParser('json', JSON_BODIES);
  app.useBodyParser('text', { limit: MAX_BODY_BYTES, type: isRateCard });
  app.use(refuseOtherBodies);
  app.useGlobalFilters(new ProblemFilter(log));
}

function isImport(request: IncomingMessage): boolean {
  return request.url?.split('?', 1)[0] === IMPORT_PATH && isJson(request);
}

/** The one thing that people have as a table. */
function isRateCard({ url, headers }: IncomingMessage): boolean {
  return url?.split('?', 1)[0] === RATE_CARD_PATH && /^text\/csv\b/i.test(headers['content-type'] ?? '');
}

function isJson({ headers }: IncomingMessage): boolean {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return /^application\/(?:json|[^\s/]+\+json)$/.test(type);
}

/** Batches and files are larger than anything else, and are read after the key of their sender was looked at. */
function readsItsBody({ method, url = '' }: IncomingMessage): boolean {
  return method === 'POST' && OWN_BODY_PATHS.test(url);
}

/** A body that nobody parsed would look like an empty one. */
function refuseOtherBodies(request: Request, _response: Response, next: NextFunction): void {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (!hasBody || request.body !== undefined || readsItsBody(request) || !request.path.startsWith('/api/'))
    return next();
  next(new Problem(415, 'body.unsupported', 'Send the body as application/json.'));
}
