import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A message as a custom network gets it. */
export interface Envelope {
  readonly type: string;
  readonly attempt: string;
  readonly gateway: string;
  readonly account: string;
  /** of a message only, as is the content */
  readonly to: { readonly userId?: string; readonly phone?: string };
  readonly content: { readonly type: string; readonly text?: string; readonly [key: string]: unknown };
  readonly replyTo?: string;
}

export interface Posted {
  readonly envelope: Envelope;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
}

export interface OtherAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** cut the connection instead of answering */
  readonly drop?: boolean;
}

interface SignedRequest {
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** The other side of a custom gateway. It signs and verifies by the specification's own package, not by ours. */
export class OtherSide {
  readonly posted: Posted[] = [];
  answer: (envelope: Envelope) => OtherAnswer = () => ({ body: { id: `x-${randomUUID()}` } });

  private constructor(
    private readonly server: Server,
    readonly url: string,
    readonly secret: string,
  ) {}

  static async start(secret: string): Promise<OtherSide> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`;
    const other = new OtherSide(server, url, secret);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const envelope = JSON.parse(raw) as Envelope;
        other.posted.push({ envelope, headers: request.headers, raw });
        const { status = 200, headers = {}, body, drop } = other.answer(envelope);
        if (drop) return response.destroy();
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        return response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
    return other;
  }

  /** What was posted to one person, in order. */
  to(userId: string): readonly Posted[] {
    return this.posted.filter(({ envelope }) => envelope.type === 'message' && envelope.to.userId === userId);
  }

  sign(event: unknown, at = new Date()): SignedRequest {
    const body = JSON.stringify(event);
    const id = `req_${randomUUID()}`;
    const signature = new Webhook(this.secret).sign(id, at, body);
    const timestamp = String(Math.floor(at.getTime() / 1_000));
    return { body, headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
