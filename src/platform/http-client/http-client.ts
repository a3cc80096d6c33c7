import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { Agent, errors } from 'undici';
import type { MediaSink, ProviderAnswer, ProviderHttp, ProviderRequest } from '../../contract/index.js';
import type { Metrics } from '../metrics/metrics.js';
import { type CircuitBreaker, type Verdict, isRefusal } from './circuit-breaker.js';
import { Exchange } from './exchange.js';
import { isPrivateAddress } from './private-address.js';

export interface HttpClientOptions {
  /** refuses loopback, private and reserved addresses, also when a name resolves to one */
  readonly publicOnly: boolean;
  /** counts calls under `patchbay_provider_call_seconds` */
  readonly metrics?: Metrics;
  /** absent: every call is made, whatever became of those before it */
  readonly breaker?: CircuitBreaker;
  /** connections per host */
  readonly connections?: number;
  /** a longer answer is cut off and counts as failed, in bytes */
  readonly maxAnswerBytes?: number;
}

interface Carriage {
  /** also while the host's circuit is open */
  readonly always?: boolean;
  readonly sink?: MediaSink;
  /** ends it early */
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Errors of a connection that never came to be: not one byte of the request left. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'EPRIVATE',
  'ERR_INVALID_URL',
]);

/** What ends a request that takes too long. */
const TIMEOUT = new DOMException('no answer in time', 'TimeoutError');

/** What we refuse or cut off ourselves says nothing about the host. */
const OURS = new Set(['EPRIVATE', 'ETOOLONG', 'ESTOPPED']);

/**
 * All outgoing HTTP: undici with a pool per host (several times the speed of `fetch`). It never follows redirects,
 * and says of every failure whether bytes may have left, which is what decides between "try again" and "in doubt".
 */
export class HttpClient implements ProviderHttp {
  /** For calls that a person waits for: made also while the host's circuit is open, and their answer closes it. */
  readonly interactive: ProviderHttp = { request: (request) => this.carry(request, { always: true }) };
  private readonly agent: Agent;

  constructor(private readonly options: HttpClientOptions) {
    this.agent = new Agent({
      connections: options.connections ?? 128,
      pipelining: 1,
      keepAliveTimeout: 4_000,
      connect: { timeout: 5_000, ...(options.publicOnly && { lookup: publicLookup }) },
    });
  }

  request(request: ProviderRequest): Promise<ProviderAnswer> {
    return this.carry(request, {});
  }

  /**
   * Gives the body of a 200 to `sink`, piece by piece, as fast as it takes them; `text` is then empty. Any other body is text as
   * ever. A sink that wants no more ends the exchange, which has then failed.
   */
  download(request: ProviderRequest, sink: MediaSink, signal?: AbortSignal): Promise<ProviderAnswer> {
    return this.carry(request, { sink, ...(signal && { signal }) });
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async carry(request: ProviderRequest, { always = false, ...how }: Carriage): Promise<ProviderAnswer> {
    const url = parseUrl(request.url);
    const refusal = this.refuse(url);
    if (!url || refusal !== undefined) return { status: 'failed', sent: false, reason: refusal ?? '' };
    const { host } = url;
    const entrance = this.options.breaker?.enter(host, always);
    if (entrance && isRefusal(entrance)) return { status: 'failed', sent: false, ...entrance };
    const started = process.hrtime.bigint();
    const { answer, verdict } = await this.exchange(request, url, how);
    entrance?.report(verdict);
    const code = answer.status === 'answered' ? String(answer.httpStatus) : answer.sent ? 'lost' : 'unsent';
    this.options.metrics?.providerCalls.observe({ host, code }, Number(process.hrtime.bigint() - started) / 1e9);
    return answer;
  }

  private async exchange(
    request: ProviderRequest,
    { origin, pathname, search }: URL,
    { sink, signal }: Carriage,
  ): Promise<{ answer: ProviderAnswer; verdict: Verdict }> {
    const exchange = new Exchange({ sink, maxBytes: this.options.maxAnswerBytes ?? MAX_ANSWER_BYTES });
    const timer = setTimeout(() => exchange.abort(TIMEOUT), request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const stop = (): void => exchange.abort(signal?.reason as Error);
    signal?.addEventListener('abort', stop);
    try {
      signal?.throwIfAborted();
      this.agent.dispatch(
        {
          origin,
          path: pathname + search,
          method: request.method,
          headers: request.headers ?? null,
          body: request.body ?? (request.stream ? Readable.from(request.stream, { objectMode: false }) : null),
        },
        exchange,
      );
      const { status, headers, text } = await exchange.answer;
      const verdict = status >= 500 && !isJsonObject(text) ? 'failed' : 'answered';
      return { answer: { status: 'answered', httpStatus: status, headers, text }, verdict };
    } catch (error) {
      const answer: ProviderAnswer = { status: 'failed', sent: !wasUnsent(error), reason: reasonOf(error) };
      return { answer, verdict: OURS.has(codeOf(error)) ? 'neither' : 'failed' };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  private refuse(url: URL | undefined): string | undefined {
    if (!url) return 'not a URL';
    const { protocol, hostname } = url;
    if (protocol !== 'http:' && protocol !== 'https:') return `${protocol} is not http`;
    const address = hostname.replace(/^\[|\]$/g, '');
    if (this.options.publicOnly && isIP(address) && isPrivateAddress(address)) {
      return `${address} is a private address; ALLOW_PRIVATE_URLS=true permits it`;
    }
    return undefined;
  }
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined; // refused with a sentence
  }
}

/** A 5xx with JSON in it is a network's own word: it refuses, it is not away. What a proxy says in its place is not. */
function isJsonObject(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** No `instanceof Error` here: errors of Node's core may come from another realm. */
function wasUnsent(error: unknown): boolean {
  const { errors: parts } = error as { errors?: readonly unknown[] };
  return Array.isArray(parts) ? parts.every(wasUnsent) : UNSENT.has(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.UndiciError) return `${error.code}: ${error.message}`;
  const { errors: parts, name, message } = error as { errors?: readonly unknown[]; name?: string; message?: string };
  if (Array.isArray(parts) && parts.length > 0) return parts.map(reasonOf).join('; ');
  return name === 'TimeoutError' ? 'no answer in time' : (message ?? String(error));
}

/** Resolves a name and refuses it when any of its addresses is private: rebinding a name does not help an attacker. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const hidden = addresses.find(({ address }) => isPrivateAddress(address));
    if (hidden) {
      const refusal = new Error(
        `${hostname} is the private address ${hidden.address}; ALLOW_PRIVATE_URLS=true permits it`,
      );
      return callback(Object.assign(refusal, { code: 'EPRIVATE' }), '', 0);
    }
    const [first] = addresses;
    if (options.all) return callback(null, addresses as unknown as string, 0);
    return callback(null, first?.address ?? '', first?.family ?? 4);
  });
};
