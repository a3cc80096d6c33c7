import { HttpException } from '@nestjs/common';
import { isConnectionError, sqlStateOf } from '../database/database.js';
import { Problem } from '../problem/problem.js';

/** What the body parser says of a body that it does not take, by the `type` of its error. */
const BODY_PROBLEMS: Readonly<Record<string, readonly [status: number, code: string, detail: string]>> = {
  'entity.parse.failed': [400, 'body.malformed', 'The body is not valid JSON.'],
  'entity.too.large': [413, 'body.too_large', 'The body is larger than this endpoint takes.'],
  'encoding.unsupported': [
    415,
    'body.encoding',
    'The Content-Encoding is not supported; send gzip, deflate, br or none.',
  ],
  'charset.unsupported': [415, 'body.charset', 'The charset is not supported; send UTF-8.'],
  'request.size.invalid': [400, 'body.size', 'Content-Length does not match the body.'],
  'request.aborted': [400, 'body.aborted', 'The request ended before its body was complete.'],
};

const STATUS_CODES: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['request.malformed', 'The request is malformed.'],
  404: ['route.unknown', 'There is nothing at this path.'],
  405: ['method.unknown', 'This path does not take this method.'],
  413: ['body.too_large', 'The body is larger than this endpoint takes.'],
  415: ['body.unsupported', 'The body is of a kind that this endpoint does not take; send application/json.'],
};

/** PostgreSQL cannot store U+0000 or half of a surrogate pair: such text is the caller's mistake, wherever it got through. */
const UNSTORABLE_TEXT = new Set(['22021', '22P05']);

/**
 * What the caller is told about anything that was thrown; undefined for a bug, of which he is told nothing. Messages of
 * foreign errors are not passed on: they may quote the body.
 */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  const cause = error instanceof HttpException ? (error.cause ?? error) : error;
  if (cause instanceof Problem) return cause;
  const [status, code, detail] = bodyProblemOf(cause) ?? [];
  if (status && code && detail) return new Problem(status, code, detail);
  if (error instanceof HttpException && error.getStatus() < 500) return fromStatus(error);
  if (isConnectionError(error)) {
    return new Problem(503, 'database.unavailable', 'The database does not answer at the moment.', undefined, {
      'Retry-After': '1',
    });
  }
  if (UNSTORABLE_TEXT.has(sqlStateOf(error) ?? '')) {
    return new Problem(400, 'text.invalid', 'The request contains text with U+0000 or half of a surrogate pair.');
  }
  return undefined;
}

function bodyProblemOf(error: unknown): (typeof BODY_PROBLEMS)[string] | undefined {
  if (typeof error !== 'object' || error === null || !('type' in error) || typeof error.type !== 'string')
    return undefined;
  return Object.hasOwn(BODY_PROBLEMS, error.type) ? BODY_PROBLEMS[error.type] : undefined;
}

function fromStatus(error: HttpException): Problem {
  const status = error.getStatus();
  const [code, detail] = STATUS_CODES[status] ?? [`http.${status}`, 'The request was refused.'];
  return new Problem(status, code, detail);
}
