import { invalidParameter } from './graph-error.js';
import type { GraphRequest } from './graph.types.js';
import type { JsonObject } from './world.types.js';

export interface RawRequest {
  method: string;
  /** Path and query as they stand in the request line. */
  url: string;
  body: Buffer;
  contentType: string;
  authorization: string | undefined;
  /** The header `D360-API-KEY`. */
  apiKey?: string | undefined;
  origin: string;
}

/**
 * Parses a Graph call. Graph takes parameters from the query, from a form or from JSON alike, and the token from the header
 * or the parameter `access_token`.
 * @throws GraphError when the body is not what its content type says.
 */
export function parseRequest(raw: RawRequest): GraphRequest {
  const queryStart = raw.url.indexOf('?');
  const fullPath = queryStart < 0 ? raw.url : raw.url.slice(0, queryStart);
  const query = queryStart < 0 ? {} : fieldsOf(raw.url.slice(queryStart + 1));
  const segments = fullPath.split('/').filter((segment) => segment !== '');
  const version = /^v\d+\.\d+$/.test(segments[0] ?? '') ? segments.shift() : undefined;
  const isReadable = raw.body.length === 0 || /json|urlencoded|^$/.test(raw.contentType);
  const body = isReadable ? parseBody(raw.body, raw.contentType) : {};
  const inBody = body['access_token'];
  return {
    method: (query['method'] ?? raw.method).toUpperCase(),
    version,
    path: `/${segments.join('/')}`,
    segments,
    query,
    body,
    raw: isReadable ? undefined : raw.body,
    contentType: raw.contentType,
    token: bearerOf(raw.authorization) ?? query['access_token'] ?? (typeof inBody === 'string' ? inBody : undefined),
    origin: raw.origin,
  };
}

function parseBody(bytes: Buffer, contentType: string): JsonObject {
  if (bytes.length === 0) {
    return {};
  }
  const text = bytes.toString('utf8');
  if (contentType.includes('urlencoded')) {
    return fieldsOf(text);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)) {
      return parsed as JsonObject;
    }
  } catch {
    // Told to the caller below, in Meta's words.
  }
  throw invalidParameter('The request body is not a JSON object.');
}

function fieldsOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function bearerOf(authorization: string | undefined): string | undefined {
  const [scheme, credential] = authorization?.split(' ') ?? [];
  return scheme !== undefined && /^(bearer|oauth)$/i.test(scheme) ? credential : undefined;
}
