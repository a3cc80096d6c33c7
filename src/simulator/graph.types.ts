import type { CallFault } from './fault.types.js';
import type { Platform } from './platform.js';
import type { JsonObject, SimApp, SimToken } from './world.types.js';

/** A Graph call, parsed once; parts of a batch take the same form. */
export interface GraphRequest {
  method: string;
  /** `v26.0`, or undefined when the path had none. */
  version: string | undefined;
  /** Without version and query, starting with `/`. */
  path: string;
  segments: readonly string[];
  query: Record<string, string>;
  /** JSON or form fields; empty when there is no body. */
  body: JsonObject;
  /** The bytes of a body that is neither JSON nor a form. */
  raw: Buffer | undefined;
  contentType: string;
  token: string | undefined;
  /** Scheme, host and port as the caller sees them, for links in answers. */
  origin: string;
}

export interface GraphAnswer {
  status: number;
  /** Undefined = no body at all. */
  body: unknown;
  /** Of a body that is bytes. */
  contentType?: string;
}

/** Who calls: a token's app, or an app itself with `id|secret`. */
export interface Session {
  app: SimApp;
  /** Undefined = an app token. */
  token: SimToken | undefined;
  credential: string;
}

/** What a route gets. */
export interface GraphCall {
  platform: Platform;
  request: GraphRequest;
  session: Session;
  fault: CallFault;
}

/** A record of a call; the answer is filled in when it is known. */
export interface RequestRecord {
  at: number;
  method: string;
  path: string;
  version: string | undefined;
  query: Record<string, string>;
  body: JsonObject;
  token: string | undefined;
  /** Whether it came inside a `batch`. */
  isBatchPart: boolean;
  /** Undefined = not answered yet, 0 = the connection was cut. */
  status: number | undefined;
  answer: unknown;
}

/** Query and body as one: Graph does not mind where a parameter stands. */
export function parameter(request: GraphRequest, name: string): string | undefined {
  const value = request.body[name] ?? request.query[name];
  return value === undefined || value === null ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
}
