import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const HOOK_SECRET = 'coo';

/** The network, on loopback: one loft, and whoever writes to it. */
export class PigeonPost {
  /** what was carried, oldest first */
  readonly carried: { to: string; text: string }[] = [];
  private hook: string | undefined;
  private waiting: (() => void) | undefined;
  private count = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<PigeonPost> {
    const server = createServer();
    const post = new PigeonPost(server);
    server.on('request', (request, response) => void post.answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return post;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Somebody writes to the loft. Gives back the status with which that was taken. */
  async write(from: string, text: string, secret = HOOK_SECRET): Promise<number> {
    return this.post(
      { id: `in-${(this.count += 1)}`, kind: 'letter', from, text, at: new Date().toISOString() },
      secret,
    );
  }

  /** The next letter that the loft sends out; its receipt goes back at once. */
  async next(): Promise<{ to: string; text: string }> {
    while (this.carried.length === 0) await new Promise<void>((resolve) => (this.waiting = resolve));
    return this.carried.shift() as { to: string; text: string };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const reply = (status: number, value: unknown): void => void response.writeHead(status).end(JSON.stringify(value));
    if (request.headers.authorization !== 'Bearer grain')
      return reply(401, { code: 'who', message: 'the token is not known' });
    if (request.url === '/lofts') return reply(200, [{ id: 'roof', name: 'The roof' }]);
    if (request.url === '/lofts/roof/hook') {
      this.hook = request.method === 'POST' ? (JSON.parse(body) as { url: string }).url : undefined;
      return reply(200, {});
    }
    const letter = JSON.parse(body) as { to: string; text: string };
    if (letter.to === 'nobody') return reply(404, { code: 'no_such_loft', message: 'nobody lives there' });
    const id = `out-${(this.count += 1)}`;
    this.carried.push({ to: letter.to, text: letter.text });
    reply(200, { id });
    this.waiting?.();
    await this.post({ id, kind: 'delivered', at: new Date().toISOString() }, HOOK_SECRET);
  }

  private async post(event: object, secret: string): Promise<number> {
    if (this.hook === undefined) throw new Error('nobody has subscribed to the loft');
    const body = JSON.stringify({ loft: 'roof', events: [event] });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-pigeon-signature': signature };
    return (await fetch(this.hook, { method: 'POST', headers, body })).status;
  }
}
