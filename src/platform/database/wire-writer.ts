const FIRST_SIZE = 64 * 1024;
/** What a rare giant made it grow to is not kept. */
const KEPT_SIZE = 4 * 1024 * 1024;
/** UTF-8 needs no more for one unit of a JavaScript string. */
const MOST_BYTES_PER_UNIT = 3;

/** Puts one message of the protocol together in a buffer that is used again, so that only the whole of it is ever allocated. */
export class WireWriter {
  /** how far it is filled */
  at = 0;
  private buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);

  /** Begins anew. */
  reset(): void {
    if (this.buffer.length > KEPT_SIZE) this.buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
    this.at = 0;
  }

  /** A copy of what was written. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.at);
    this.buffer.copy(taken, 0, 0, this.at);
    return taken;
  }

  /** Makes room, which the next writes of together at most so many bytes rely on. */
  ensure(bytes: number): Buffer {
    const needed = this.at + bytes;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, this.at);
      this.buffer = larger;
    }
    return this.buffer;
  }

  int16(value: number): void {
    this.at = this.ensure(2).writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    const buffer = this.ensure(4);
    let { at } = this;
    buffer[at++] = value >>> 24;
    buffer[at++] = value >>> 16;
    buffer[at++] = value >>> 8;
    buffer[at++] = value;
    this.at = at;
  }

  /** At a place that was kept free for it. */
  int32At(place: number, value: number): void {
    this.buffer.writeInt32BE(value, place);
  }

  int16At(place: number, value: number): void {
    this.buffer.writeInt16BE(value, place);
  }

  float64(value: number): void {
    this.at = this.ensure(8).writeDoubleBE(value, this.at);
  }

  bytes(value: Uint8Array): void {
    this.ensure(value.length).set(value, this.at);
    this.at += value.length;
  }

  /** With its length before it. */
  text(value: string): void {
    const buffer = this.ensure(4 + value.length * MOST_BYTES_PER_UNIT);
    const start = this.at;
    const length = buffer.write(value, start + 4, 'utf8');
    this.int32(length);
    this.at = start + 4 + length;
  }

  /** With a zero behind it. */
  cString(value: string): void {
    const buffer = this.ensure(1 + value.length * MOST_BYTES_PER_UNIT);
    this.at += buffer.write(value, this.at, 'utf8');
    buffer[this.at++] = 0;
  }
}
