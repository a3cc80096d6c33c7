import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { WebhookRequest } from '../contract/index.js';
import { CallbackCommands } from '../gateway/commands/callback-commands.js';
import { SELF_TEST_HEADER, SelfTest } from '../gateway/doctor/self-test.js';
import { GatewayTypes } from '../gateway/gateway-types.js';
import { Revocations } from '../gateway/onboarding/revocations.service.js';
import { isConnectionError } from '../platform/database/database.js';
import { crashPoint } from '../platform/faults/crash-point.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { type Callback, InboxAcceptService } from './accept.service.js';
import { BodyTooLargeError, readBody } from '../platform/http/read-body.js';

const CHAT = '/chat/';

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Serves the callback URIs on plain node:http requests, in front of Express, which would cost four fifths of the hot path. The
 * same function serves behind a Nest controller in a host application.
 */
@Injectable()
export class CallbackListener {
  private readonly sharedPrefixes: ReadonlySet<string>;

  constructor(
    private readonly inbox: InboxAcceptService,
    private readonly commands: CallbackCommands,
    private readonly selfTest: SelfTest,
    private readonly revocations: Revocations,
    types: GatewayTypes,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.sharedPrefixes = new Set(
      types.all().flatMap(({ webhook }) => (webhook.shared ? [webhook.shared.prefix] : [])),
    );
  }

  /** Whether this path is ours: `/chat/<uri>`, or a shared callback such as `/meta/<app id>`. */
  owns(path: string): boolean {
    if (path.startsWith(CHAT)) return true;
    const [, prefix = '', key, more] = path.split('/');
    return key !== undefined && more === undefined && this.sharedPrefixes.has(prefix);
  }

  /** Answers the request, whatever happens. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let reply: Reply;
    try {
      reply = await this.answer(request);
    } catch (error) {
      reply = this.failure(error, request);
    }
    if (response.headersSent || response.destroyed) return;
    // A body that was not read to its end cannot be followed by another request on this connection.
    if (!request.complete) response.setHeader('Connection', 'close');
    response.writeHead(reply.status, { 'Content-Length': Buffer.byteLength(reply.body), ...reply.headers });
    response.end(reply.body);
    if (reply.status === 200 && request.method === 'POST') crashPoint('after-reply');
  }

  private async answer(request: IncomingMessage): Promise<Reply> {
    const [path, search] = splitUrl(request.url ?? '/');
    const callback = this.find(path);
    if (!callback) throw new Problem(404, 'callback.unknown', 'There is no gateway with this callback URI.');
    if (request.method === 'POST') return this.receive(callback, request, search);
    if (request.method === 'GET') return this.get(callback, request, new URLSearchParams(search));
    throw new Problem(405, 'method.unknown', 'A callback URI takes GET and POST.', undefined, { Allow: 'GET, POST' });
  }

  private async receive(callback: Callback, request: IncomingMessage, search: string): Promise<Reply> {
    const body = await this.read(callback, request);
    const webhook = toWebhookRequest(request, new URLSearchParams(search), body);
    const other = this.testReply(callback, webhook) ?? (await this.revocationReply(callback, webhook));
    if (other) return other;
    await this.inbox.accept(callback, webhook);
    return OK;
  }

  /** The doctor's own event: judged like any, told what was found, and then forgotten. */
  private testReply({ gateways }: Callback, request: WebhookRequest): Reply | undefined {
    const mark = request.headers[SELF_TEST_HEADER];
    if (typeof mark !== 'string') return undefined;
    const gateway = this.selfTest.recognise(gateways, mark);
    if (!gateway) return undefined;
    const verdict = gateway.type.webhook.verify(request, gateway.context());
    const body = this.selfTest.answer(mark, verdict.ok ? 'ok' : verdict.why);
    return { status: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }, body };
  }

  /** The network's notice that a person has removed the app: signed in a way of its own, and no webhook. */
  private async revocationReply(callback: Callback, request: WebhookRequest): Promise<Reply | undefined> {
    const verdict = await this.revocations.take(callback.gateways, request);
    if (verdict === undefined) return undefined;
    if (verdict === 'taken') return OK;
    if (verdict === 'forged') {
      this.inbox.count(callback, 'forged');
      throw new Problem(401, 'webhook.signature.invalid', 'The signature of the signed_request does not match.');
    }
    this.inbox.count(callback, 'not_configured');
    throw new Problem(401, 'webhook.secret.missing', 'The gateway has no secret to check the signed_request with.');
  }

  private async read(callback: Callback, request: IncomingMessage): Promise<Buffer> {
    try {
      return await readBody(request, this.inbox.maxBytes(callback));
    } catch (error) {
      if (error instanceof BodyTooLargeError) this.inbox.count(callback, 'too_large');
      throw error;
    }
  }

  private async get(callback: Callback, request: IncomingMessage, query: URLSearchParams): Promise<Reply> {
    const handshake = this.inbox.handshake(callback, toWebhookRequest(request, query, Buffer.alloc(0)));
    if (handshake) {
      return {
        status: handshake.status,
        headers: {
          'Content-Type': handshake.contentType,
          'Cache-Control': 'no-store',
          'X-Content-Type-Options': 'nosniff',
        },
        body: handshake.body,
      };
    }
    return this.commands.handle(callback.gateways, query, request);
  }

  private find(path: string): Callback | undefined {
    if (path.startsWith(CHAT)) return this.inbox.byUri(decode(path.slice(CHAT.length)));
    const [, prefix = '', key = ''] = path.split('/');
    return this.inbox.byAppKey(prefix, decode(key));
  }

  private failure(error: unknown, request: IncomingMessage): Reply {
    if (error instanceof Problem) return problemReply(error);
    if (error instanceof BodyTooLargeError) {
      return problemReply(new Problem(413, 'body.too_large', `The body is larger than ${error.maxBytes} bytes.`));
    }
    const isAway = isConnectionError(error);
    if (!request.destroyed)
      this.log.error({ err: error, method: request.method, path: splitUrl(request.url ?? '')[0] }, 'a callback failed');
    return isAway
      ? problemReply(
          new Problem(
            503,
            'database.unreachable',
            'The database does not answer; nothing was stored. Send it again.',
            undefined,
            { 'Retry-After': '1' },
          ),
        )
      : problemReply(new Problem(500, 'internal', 'Something went wrong on our side; the log has the details.'));
  }
}

const OK: Reply = { status: 200, headers: { 'Content-Type': 'text/plain' }, body: '' };

function problemReply(problem: Problem): Reply {
  return {
    status: problem.status,
    headers: {
      'Content-Type': 'application/problem+json; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...problem.headers,
    },
    body: JSON.stringify(problem),
  };
}

function splitUrl(url: string): [string, string] {
  const at = url.indexOf('?');
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** A malformed escape names nothing. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function toWebhookRequest(request: IncomingMessage, query: URLSearchParams, body: Buffer): WebhookRequest {
  return { method: request.method ?? 'GET', query, headers: request.headers, body };
}
