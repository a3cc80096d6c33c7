import { describe, expect, it } from '@jest/globals';
import { EventStream, STALL_MS, type StreamSink } from './event-stream.js';

/** A reader whose hands may be full. */
class Reader implements StreamSink {
  readonly taken: string[] = [];
  isFull = false;
  isDestroyed = false;
  private readonly listeners = new Map<string, (() => void)[]>();

  write(chunk: string): boolean {
    this.taken.push(chunk);
    return !this.isFull;
  }

  end(chunk = ''): void {
    this.taken.push(chunk);
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  on(event: 'drain' | 'close', listener: () => void): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }

  emit(event: 'drain' | 'close'): void {
    for (const listener of this.listeners.get(event) ?? []) listener();
  }
}

const EVENT = { position: 7, body: { id: 'evt_1', text: 'two\nlines' } };

function open() {
  const reader = new Reader();
  const clock = { now: 0, changes: 0 };
  const stream = new EventStream(
    reader,
    { gateways: null, types: ['*'] },
    5,
    () => (clock.changes += 1),
    () => clock.now,
  );
  return { reader, clock, stream };
}

describe('a stream', () => {
  it('says first where it begins, so that one who heard nothing can come back', () => {
    const { reader, stream } = open();
    stream.begin(2_000);
    expect(reader.taken).toEqual(['retry: 2000\nid: 5\n\n']);
  });

  it('writes each event as one line with its position', () => {
    const { reader, stream } = open();
    stream.send([EVENT, { ...EVENT, position: 9 }], 9);
    expect(reader.taken.join('')).toBe(
      `id: 7\ndata: ${JSON.stringify(EVENT.body)}\n\nid: 9\ndata: ${JSON.stringify(EVENT.body)}\n\n`,
    );
    expect(stream.position).toBe(9);
  });

  it('moves on past what its filter leaves out, and says so with the next sign of life', () => {
    const { reader, stream } = open();
    stream.send([], 12);
    expect(reader.taken).toEqual([]);
    stream.beat();
    expect(reader.taken).toEqual([': \nid: 12\n\n']);
  });

  it('waits for a reader who has their hands full, and goes on when they have taken it', () => {
    const { reader, clock, stream } = open();
    reader.isFull = true;
    stream.send([EVENT], 7);
    expect(stream.isReady).toBe(false);
    clock.now = STALL_MS - 1;
    stream.beat();
    expect(stream.isOpen).toBe(true);
    expect(reader.taken).toHaveLength(1);
    reader.emit('drain');
    expect([stream.isReady, clock.changes]).toEqual([true, 1]);
  });

  it('cuts off a reader who takes nothing for too long, with the reason as last event', () => {
    const { reader, clock, stream } = open();
    reader.isFull = true;
    stream.send([EVENT], 7);
    clock.now = STALL_MS;
    stream.beat();
    expect(stream.isOpen).toBe(false);
    expect(reader.taken.at(-1)).toMatch(
      /^event: end\ndata: \{"code":"stream\.too_slow","detail":"Nothing was taken for 30 s/,
    );
    stream.send([EVENT], 8);
    expect(reader.taken).toHaveLength(2);
    reader.emit('close');
  });

  it('is over when its reader has gone', () => {
    const { reader, stream } = open();
    reader.emit('close');
    expect([stream.isOpen, stream.isReady]).toEqual([false, false]);
    stream.end({ code: 'server.stopping', detail: '' });
    expect(reader.taken).toEqual([]);
  });
});
