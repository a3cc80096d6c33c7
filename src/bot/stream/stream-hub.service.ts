import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AccessService } from '../../access/access.service.js';
import type { Principal } from '../../access/principal.js';
import { StreamDirectory } from '../../gateway/streams/stream-directory.js';
import type { StreamFilter } from '../../gateway/streams/stream-interest.repository.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import { EventStream, type StreamEnd, type StreamSink } from './event-stream.js';
import { StreamLogRepository } from './stream-log.repository.js';

/** How often the log is looked at while a stream is open here, however many are: one small query. */
const LOOK_EVERY_MS = 200;
const BEAT_EVERY_MS = 15_000;
/** How long a reader who lost the connection waits before they come back. */
const COME_BACK_MS = 2_000;
/** Events that are read and written in one go. */
const PAGE = 50;
/** Open streams of one key, and of all, in one process. */
const MAX_PER_KEY = 10;
const MAX_STREAMS = 200;
/** Filters of open streams are noted as still in use this often. */
const NOTE_EVERY_MS = 60 * 60_000;

const STOPPING: StreamEnd = {
  code: 'server.stopping',
  detail: 'This process stops. Connect again with Last-Event-ID.',
};

interface Reader {
  readonly stream: EventStream;
  readonly principalId: string;
}

/**
 * The open streams of this process. One loop serves them, a page for each in turn, and only while there are any; who does not keep
 * up is passed over until they have taken what they were given.
 */
@Injectable()
export class StreamHub implements OnModuleDestroy {
  private readonly readers = new Set<Reader>();
  private readonly opening = new Map<string, number>();
  private beating: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private wake: (() => void) | undefined;
  private stopping = false;
  private notedMs = performance.now();

  constructor(
    private readonly logged: StreamLogRepository,
    private readonly interests: StreamDirectory,
    private readonly access: AccessService,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * Holds a place for a stream while it is being opened; to be given back by what this returns.
   *
   * @throws Problem 429 `stream.limit`, 503 `server.stopping`
   */
  reserve({ id }: Principal): () => void {
    if (this.stopping) throw new Problem(503, STOPPING.code, STOPPING.detail, undefined, { 'Retry-After': '2' });
    const all = [...this.opening.values()].reduce((sum, count) => sum + count, this.readers.size);
    const own = [...this.readers].filter(({ principalId }) => principalId === id).length + (this.opening.get(id) ?? 0);
    if (own >= MAX_PER_KEY || all >= MAX_STREAMS) {
      const what = own >= MAX_PER_KEY ? `This key has ${own} streams open here` : `${all} streams are open here`;
      const detail = `${what}, and more are not possible. Close one, or let several consumers share one.`;
      throw new Problem(429, 'stream.limit', detail, undefined, { 'Retry-After': '10' });
    }
    this.opening.set(id, (this.opening.get(id) ?? 0) + 1);
    return () => {
      const left = (this.opening.get(id) ?? 1) - 1;
      if (left > 0) this.opening.set(id, left);
      else this.opening.delete(id);
    };
  }

  /** From now on the sink gets what the filter wants, from behind that position on, until it closes or the stream is ended. */
  serve(principal: Principal, filter: StreamFilter, after: number, sink: StreamSink): void {
    const stream = new EventStream(sink, filter, after, () => this.stir());
    stream.begin(COME_BACK_MS);
    this.readers.add({ stream, principalId: principal.id });
    if (this.stopping) {
      this.endAll();
      return;
    }
    this.beating ??= setInterval(() => void this.beat(), BEAT_EVERY_MS).unref();
    this.running ??= this.run();
    this.stir();
  }

  /** The process stops: streams end at once, with a word; nothing waits for them. */
  endAll(): void {
    this.stopping = true;
    clearInterval(this.beating);
    for (const { stream } of this.readers) stream.end(STOPPING);
    this.stir();
  }

  async onModuleDestroy(): Promise<void> {
    this.endAll();
    await this.running;
  }

  private stir(): void {
    this.wake?.();
  }

  private async run(): Promise<void> {
    while (!this.stopping && this.readers.size > 0) {
      try {
        if (await this.round()) continue;
      } catch (error) {
        this.log.warn({ err: error }, 'could not read events for streams; trying again');
      }
      await this.rest();
    }
    this.running = undefined;
    if (this.readers.size > 0) return;
    clearInterval(this.beating);
    this.beating = undefined;
  }

  /** True when there is more to do at once. */
  private async round(): Promise<boolean> {
    const { head, more } = await this.logged.settle();
    let again = more;
    for (const reader of this.readers) {
      const { stream } = reader;
      if (!stream.isOpen) this.readers.delete(reader);
      if (!stream.isReady || stream.position >= head) continue;
      const events = await this.logged.read(stream.filter, { after: stream.position, upTo: head, limit: PAGE });
      const isAll = events.length < PAGE;
      stream.send(events, isAll ? head : (events.at(-1)?.position ?? head));
      again ||= !isAll && stream.isReady;
    }
    return again;
  }

  /** Until something may have happened, or somebody stirs: a reader came, went, or has taken what they were given. */
  private async rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }

  /** Signs of life, and who may no longer read. */
  private async beat(): Promise<void> {
    const isTimeToNote = performance.now() - this.notedMs >= NOTE_EVERY_MS;
    if (isTimeToNote) this.notedMs = performance.now();
    for (const { stream, principalId } of this.readers) {
      stream.beat();
      try {
        if (!(await this.mayRead(principalId)))
          stream.end({ code: 'stream.key_revoked', detail: 'The key of this stream was deleted.' });
        if (isTimeToNote && stream.isOpen) await this.interests.want(stream.filter);
      } catch (error) {
        this.log.debug({ err: error }, 'could not look after a stream; it is tried again');
      }
    }
  }

  private async mayRead(principalId: string): Promise<boolean> {
    const principal = await this.access.byId(principalId);
    return principal?.permissions.has('events:read') ?? false;
  }
}
