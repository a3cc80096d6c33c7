import { ADMIN_KEY, HANGS_AFTER_MS } from './patchbay.js';
import type { BotEvent } from './bot.js';

/** What came in one block of a stream; without data it only says how far the stream is. */
export interface StreamedEvent {
  readonly id: string;
  readonly name: string;
  readonly event: BotEvent & { readonly [key: string]: unknown };
}

export interface StreamOptions {
  readonly query?: string;
  readonly key?: string;
  readonly after?: string;
  /** what says who is asking, where it is no key */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A consumer of `GET /events/stream`, written from the specification of server-sent events. */
export class StreamReader {
  readonly received: StreamedEvent[] = [];
  /** what `Last-Event-ID` would be */
  lastId = '';
  isOver = false;
  private readonly watchers = new Set<() => void>();
  private readonly abort = new AbortController();
  private name = '';
  private data: string[] = [];

  private constructor(readonly response: Response) {}

  /** Resolves once the stream is open; throws with what was answered otherwise. */
  static async open(
    base: string,
    { query = '', key = ADMIN_KEY, after, headers }: StreamOptions = {},
  ): Promise<StreamReader> {
    const abort = new AbortController();
    const response = await fetch(`${base}/api/v1/events/stream${query}`, {
      signal: abort.signal,
      headers: {
        ...(headers ?? { authorization: `Bearer ${key}` }),
        ...(after !== undefined && { 'last-event-id': after }),
      },
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    const reader = new StreamReader(response);
    reader.abort.signal.addEventListener('abort', () => abort.abort());
    void reader.read();
    await reader.until(() => reader.lastId !== '' && 'the place where it begins');
    return reader;
  }

  get events(): readonly StreamedEvent['event'][] {
    return this.received.filter(({ name }) => name === '').map(({ event }) => event);
  }

  close(): void {
    this.abort.abort();
  }

  /** The first event that fits, also one that came before. */
  waitFor(fits: (event: StreamedEvent['event']) => boolean): Promise<StreamedEvent['event']> {
    return this.until(() => this.events.find(fits));
  }

  /** The word with which the server ended it. */
  async end(): Promise<{ readonly code: string; readonly detail: string }> {
    const found = await this.until(() => this.received.find(({ name }) => name === 'end'));
    return found.event as unknown as { code: string; detail: string };
  }

  async until<T>(find: () => T | undefined | false): Promise<T> {
    const deadline = Date.now() + HANGS_AFTER_MS;
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > deadline)
        throw new Error(`that did not come on the stream; it has: ${JSON.stringify(this.received).slice(-4_000)}`);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.watchers.delete(done);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(done, 1_000);
        this.watchers.add(done);
      });
    }
  }

  private async read(): Promise<void> {
    let rest = '';
    try {
      const decoder = new TextDecoder();
      for await (const chunk of this.response.body as unknown as AsyncIterable<Uint8Array>) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.take(line);
        this.tell();
      }
    } catch {
      // Closed by us, or cut: `isOver` says that it is over.
    }
    this.isOver = true;
    this.tell();
  }

  private take(line: string): void {
    if (line === '') {
      if (this.data.length > 0)
        this.received.push({ id: this.lastId, name: this.name, event: JSON.parse(this.data.join('\n')) });
      this.name = '';
      this.data = [];
      return;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'id') this.lastId = value;
    if (field === 'event') this.name = value;
    if (field === 'data') this.data.push(value);
  }

  private tell(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}
