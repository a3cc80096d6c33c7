import { once } from 'node:events';
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HANGS_AFTER_MS } from './patchbay.js';

export interface BotEvent {
  readonly id: string;
  readonly type: string;
  readonly attempt: number;
  readonly occurredAt: string;
  readonly channel: string;
  readonly gateway: { readonly id: string; readonly uri: string; readonly type: string };
  readonly account: { readonly id: string; readonly name: string };
  readonly dialog: {
    readonly id: string;
    readonly isNew: boolean;
    readonly startedAt: string;
    readonly window: { readonly state: string; readonly expiresAt?: string };
  };
  readonly contact: {
    readonly id: string;
    readonly name?: string;
    readonly phone?: string;
    readonly userId?: string;
    readonly username?: string;
  };
  readonly variables: Readonly<Record<string, string>>;
  readonly message?: {
    readonly id: string;
    readonly providerId?: string;
    readonly text?: string;
    readonly status?: string;
    readonly content?: { readonly type: string; readonly [key: string]: unknown };
    readonly error?: { readonly code: string };
    readonly [key: string]: unknown;
  };
}

export interface BotCall {
  readonly event: BotEvent;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
}

/** An event that belongs to no dialog. */
export interface GatewayEvent extends Pick<BotEvent, 'id' | 'type' | 'attempt' | 'occurredAt' | 'gateway'> {
  readonly channel?: string;
  readonly account?: { readonly id: string; readonly name: string };
  readonly [key: string]: unknown;
}

export interface BotReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** answer only when this resolves */
  readonly after?: Promise<unknown>;
  /** cut the connection instead of answering */
  readonly drop?: boolean;
}

/**
 * A bot or webhook that remembers what it was told. `answer` decides each reply; the default is an empty 200. Events that belong
 * to no dialog are kept apart, in `news`, and answered with 200.
 */
export class TestBot {
  readonly calls: BotCall[] = [];
  readonly news: GatewayEvent[] = [];
  answer: (call: BotCall) => BotReply | undefined = () => undefined;
  private readonly watchers = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<TestBot> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bot = new TestBot(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/bot`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const call: BotCall = { event: JSON.parse(raw) as BotEvent, headers: request.headers, raw };
        const isNews = !('dialog' in call.event);
        const reply = (isNews ? undefined : bot.answer(call)) ?? {};
        if (isNews) bot.news.push(JSON.parse(raw) as GatewayEvent);
        else bot.calls.push(call);
        for (const watcher of [...bot.watchers]) watcher();
        void Promise.resolve(reply.after).then(() => {
          if (reply.drop) return response.destroy();
          response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
          return response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
        });
      });
    });
    return bot;
  }

  get events(): readonly BotEvent[] {
    return this.calls.map(({ event }) => event);
  }

  /** The first call that fits, also one that was made before. */
  waitFor(fits: (event: BotEvent) => boolean, withinMs = HANGS_AFTER_MS): Promise<BotCall> {
    return this.until(() => this.calls.find(({ event }) => fits(event)), withinMs);
  }

  /** The first event that belongs to no dialog and fits. */
  waitForNews(fits: (event: GatewayEvent) => boolean, withinMs = HANGS_AFTER_MS): Promise<GatewayEvent> {
    return this.until(() => this.news.find(fits), withinMs);
  }

  private async until<T>(find: () => T | undefined, withinMs: number): Promise<T> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = find();
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(
          `the bot did not hear of that within ${withinMs} ms; the last it heard is ${JSON.stringify(this.events.slice(-30).map(({ type, message }) => [type, message?.text]))}`,
        );
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.watchers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.watchers.add(done);
      });
    }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
