import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Way = 'here' | 'elsewhere' | 'mangled' | 'unsigned' | 'closed' | 'redirected';

/** What stands between Meta and Patchbay: an address that leads to Patchbay, or does not any more. */
export class Tunnel {
  way: Way = 'here';
  /** where it leads */
  target = '';
  /** what strangers got while it led elsewhere */
  readonly leaked: { readonly method: string; readonly url: string }[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Tunnel> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const tunnel = new Tunnel(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void tunnel.carry(request, response));
    return tunnel;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = 'GET', url = '/' } = request;
    if (this.way === 'closed') {
      request.socket.destroy();
      return;
    }
    if (this.way === 'elsewhere' || this.way === 'redirected') {
      this.leaked.push({ method, url });
      const headers = this.way === 'redirected' ? { location: 'https://login.example/' } : {};
      response.writeHead(this.way === 'redirected' ? 302 : 200, headers).end('{"ok":true}');
      return;
    }
    const body = Buffer.concat(this.way === 'mangled' ? [...chunks, Buffer.from(' ')] : chunks);
    const { host: _host, connection: _connection, 'content-length': _length, ...rest } = request.headers;
    const headers = Object.entries(rest).filter(([name]) => this.way !== 'unsigned' || name !== 'x-hub-signature-256');
    const answer = await fetch(`${this.target}${url}`, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
      redirect: 'manual',
      ...(method !== 'GET' && { body }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
}
