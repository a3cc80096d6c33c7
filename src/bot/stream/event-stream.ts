import type { StreamFilter } from '../../gateway/streams/stream-interest.repository.js';
import type { Logged } from './stream-log.repository.js';

/** What a stream is written to: an answer of the HTTP server. */
export interface StreamSink {
  write(chunk: string): boolean;
  end(chunk?: string): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
}

/** A reader who takes nothing for this long is cut off. */
export const STALL_MS = 30_000;

/** What was written last, the reason among it, gets this long to leave. */
const LEAVE_MS = 5_000;

/** Why a stream ends, as its last event says. */
export interface StreamEnd {
  readonly code: 'stream.too_slow' | 'stream.key_revoked' | 'server.stopping';
  readonly detail: string;
}

/**
 * One open stream: where its reader is, and whether they keep up. A page is written, and the next one only when the reader has taken
 * it, so a slow one costs a page of memory and then waits in the database.
 */
export class EventStream {
  /** everything up to here was written */
  private at: number;
  private stalledSince: number | undefined;
  private isOver = false;

  constructor(
    private readonly sink: StreamSink,
    readonly filter: StreamFilter,
    after: number,
    private readonly changed: () => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.at = after;
    sink.on('drain', () => {
      this.stalledSince = undefined;
      this.changed();
    });
    sink.on('close', () => {
      this.isOver = true;
      this.changed();
    });
  }

  get position(): number {
    return this.at;
  }

  get isOpen(): boolean {
    return !this.isOver;
  }

  /** Whether it may be written to just now. */
  get isReady(): boolean {
    return !this.isOver && this.stalledSince === undefined;
  }

  /** Where the reader starts: they can come back to this, also when nothing has happened meanwhile. */
  begin(retryMs: number): void {
    this.write(`retry: ${retryMs}\nid: ${this.at}\n\n`);
  }

  /** @param upTo everything up to here is in `events` */
  send(events: readonly Logged[], upTo: number): void {
    if (this.isOver) return;
    this.at = upTo;
    // Line feeds inside JSON are escaped, so it is one line.
    if (events.length > 0)
      this.write(events.map(({ position, body }) => `id: ${position}\ndata: ${JSON.stringify(body)}\n\n`).join(''));
  }

  /** Says that the stream lives, and how far it is: a reader whose filter lets nothing through moves on all the same. */
  beat(): void {
    if (this.isReady) this.write(`: \nid: ${this.at}\n\n`);
    else if (this.stalledSince !== undefined && this.nowMs() - this.stalledSince >= STALL_MS)
      this.end({
        code: 'stream.too_slow',
        detail: `Nothing was taken for ${STALL_MS / 1_000} seconds. Read faster, ask for fewer types, and go on with Last-Event-ID.`,
      });
  }

  end(reason: StreamEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.sink.end(`event: end\ndata: ${JSON.stringify(reason)}\n\n`);
    const late = setTimeout(() => this.sink.destroy(), LEAVE_MS).unref();
    this.sink.on('close', () => clearTimeout(late));
    this.changed();
  }

  private write(chunk: string): void {
    if (!this.sink.write(chunk)) this.stalledSince ??= this.nowMs();
  }
}
