import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server as NodeHttpServer, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { HttpConnection, replyOf } from './http-connection.js';
import type { HttpHandler } from './http-connection.js';

/** Plain HTTP on loopback. It never closes idle connections by itself: that would be a fault nobody scripted. */
export class HttpServer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** Takes over connections on which something unusual is said. */
  private readonly thorough: NodeHttpServer;

  constructor(private readonly handler: HttpHandler) {
    this.thorough = createHttpServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      void this.serve(request, response);
    });
    this.server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.accept(socket));
  }

  /** @returns the URL it listens on. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.sockets.forEach((socket) => socket.destroy());
    });
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    // A caller who hangs up is no error here.
    socket.on('error', () => socket.destroy());
    // Whoever has said everything waits for no answer: each of them closes its connection or leaves it open.
    socket.on('end', () => socket.end());
    new HttpConnection(socket, this.handler, () => this.thorough.emit('connection', socket));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: Buffer;
    try {
      body = await readBody(request);
    } catch {
      return; // The caller hung up before it had said everything: nobody is there to be answered.
    }
    const reply = await replyOf(this.handler, {
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      body,
      contentType: request.headers['content-type'] ?? '',
      authorization: request.headers.authorization,
      apiKey: [request.headers['d360-api-key']].flat()[0],
      origin: `http://${request.headers.host ?? '127.0.0.1'}`,
    });
    if (reply === undefined) {
      request.socket.destroy();
      return;
    }
    const isBytes = Buffer.isBuffer(reply.body);
    const payload = reply.body === undefined ? '' : isBytes ? (reply.body as Buffer) : JSON.stringify(reply.body);
    response.writeHead(reply.status, {
      ...(payload.length === 0 ? {} : { 'content-type': reply.contentType ?? 'application/json; charset=UTF-8' }),
      ...reply.headers,
      'content-length': Buffer.byteLength(payload),
    });
    response.end(payload);
  }
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    let isComplete = false;
    request.on('end', () => {
      isComplete = true;
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('close', () => {
      // An error for each request that ended well would cost more than reading it.
      if (!isComplete) {
        reject(new Error('the connection closed'));
      }
    });
  });
}
