import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher, errors } from 'undici';
import type { ProviderAnswer, ProviderHttp, ProviderRequest } from '../../contract/index.js';
import type { Metrics } from '../metrics/metrics.js';
import { isPrivateAddress } from './private-address.js';

export interface HttpClientOptions {
  /** refuses loopback, private and reserved addresses, also when a name resolves to one */
  readonly publicOnly: boolean;
  /** counts calls under `patchbay_provider_call_seconds` */
  readonly metrics?: Metrics;
  /** connections per host */
  readonly connections?: number;
  /** a longer answer is cut off and counts as failed, in bytes */
  readonly maxAnswerBytes?: number;
}

const DEFAULT_TIMEOUT_MS = 20_000;

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

/**
 * All outgoing HTTP: undici's `request` with a pool per host (several times the speed of `fetch`). It never follows redirects,
 * and says of every failure whether bytes may have left, which is what decides between "try again" and "in doubt".
 */
export class HttpClient implements ProviderHttp {
  private readonly agent: Agent;

  constructor(private readonly options: HttpClientOptions) {
    this.agent = new Agent({
      connections: options.connections ?? 128,
      pipelining: 1,
      keepAliveTimeout: 4_000,
      connect: { timeout: 5_000, ...(options.publicOnly && { lookup: publicLookup }) },
    });
  }

  async request(request: ProviderRequest): Promise<ProviderAnswer> {
    const started = process.hrtime.bigint();
    const answer = await this.exchange(request);
    const code = answer.status === 'answered' ? String(answer.httpStatus) : answer.sent ? 'lost' : 'unsent';
    this.options.metrics?.providerCalls.observe(
      { host: hostOf(request.url), code },
      Number(process.hrtime.bigint() - started) / 1e9,
    );
    return answer;
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async exchange(request: ProviderRequest): Promise<ProviderAnswer> {
    const refusal = this.refuse(request.url);
    if (refusal) return { status: 'failed', sent: false, reason: refusal };
    const { origin, pathname, search } = new URL(request.url);
    try {
      const { statusCode, headers, body } = await this.agent.request({
        origin,
        path: pathname + search,
        method: request.method,
        ...(request.headers && { headers: request.headers }),
        ...(request.body !== undefined && { body: request.body }),
        signal: AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS),
      });
      return { status: 'answered', httpStatus: statusCode, headers, text: await this.read(body) };
    } catch (error) {
      return { status: 'failed', sent: !wasUnsent(error), reason: reasonOf(error) };
    }
  }

  private refuse(url: string): string | undefined {
    if (!URL.canParse(url)) return 'not a URL';
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'http:' && protocol !== 'https:') return `${protocol} is not http`;
    const address = hostname.replace(/^\[|\]$/g, '');
    if (this.options.publicOnly && isIP(address) && isPrivateAddress(address)) {
      return `${address} is a private address; ALLOW_PRIVATE_URLS=true permits it`;
    }
    return undefined;
  }

  private async read(body: Dispatcher.ResponseData['body']): Promise<string> {
    const limit = this.options.maxAnswerBytes ?? 16 * 1024 * 1024;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limit) throw new Error(`the answer is longer than ${limit} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'invalid';
}

function wasUnsent(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(wasUnsent);
  return error instanceof Error && UNSENT.has((error as { code?: string }).code ?? '');
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.UndiciError) return `${error.code}: ${error.message}`;
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  if (error instanceof Error) return error.name === 'TimeoutError' ? 'no answer in time' : error.message;
  return String(error);
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
