import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from './world.types.js';

export interface ReceivedWebhook {
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  json: { object: string; entry: { id: string; time?: number; changes: { field: string; value: JsonObject }[] }[] };
}

/** A callback endpoint for the specs: answers the handshake, keeps what it gets, and fails as told. */
export class Receiver {
  readonly webhooks: ReceivedWebhook[] = [];
  readonly handshakes: URLSearchParams[] = [];
  readonly forms: URLSearchParams[] = [];
  verifyToken = 'simulator-verify-token';
  /** Instead of the challenge. */
  handshakeAnswer: string | undefined;
  /** Statuses for the next webhooks, then 200. */
  answers: number[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new Receiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
        if (request.method === 'GET') {
          receiver.handshakes.push(query);
          const isMine = query.get('hub.verify_token') === receiver.verifyToken;
          response.writeHead(isMine ? 200 : 403).end(receiver.handshakeAnswer ?? query.get('hub.challenge'));
          return;
        }
        const bytes = Buffer.concat(chunks);
        if (request.headers['content-type'] === 'application/x-www-form-urlencoded') {
          receiver.forms.push(new URLSearchParams(bytes.toString('utf8')));
          response.writeHead(200).end();
          return;
        }
        const json = JSON.parse(bytes.toString('utf8')) as ReceivedWebhook['json'];
        receiver.webhooks.push({ headers: request.headers, bytes, json });
        response.writeHead(receiver.answers.shift() ?? 200).end();
      });
    });
    return receiver;
  }

  /** All changes of all webhooks, in the order of arrival. */
  get values(): JsonObject[] {
    return this.webhooks.flatMap(({ json }) => json.entry.flatMap((entry) => entry.changes.map(({ value }) => value)));
  }

  get statuses(): { id: string; status: string; [key: string]: unknown }[] {
    return this.values.flatMap(
      (value) => (value['statuses'] ?? []) as { id: string; status: string; [key: string]: unknown }[],
    );
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
