import { Random } from './random.js';

/**
 * The ids Meta hands out. They look like Meta's on purpose: base64 with `=` and sometimes `/` and `+`, because a client
 * that forgets to escape them must fail here and not in production. A counter inside keeps them unique per seed.
 */
export class IdSource {
  private readonly messages: Random;
  private readonly traces: Random;
  private readonly scratch = Buffer.alloc(20);
  private issued = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    this.messages = random.fork('messages');
    this.traces = random.fork('traces');
  }

  /** A WhatsApp message id. */
  wamid(): string {
    this.issued += 1;
    this.scratch.writeUInt32BE(this.messages.nextUint32(), 0);
    this.scratch.writeUInt32BE(this.messages.nextUint32(), 4);
    this.scratch.writeUInt32BE(this.messages.seed, 8);
    this.scratch.writeUInt32BE(this.messages.nextUint32(), 12);
    this.scratch.writeUInt32BE(this.issued, 16);
    return `wamid.HBgL${this.scratch.toString('base64')}`;
  }

  /** The `fbtrace_id` that every Graph error carries. */
  trace(): string {
    return `A${this.traces.nextUint32().toString(36)}${this.traces.nextUint32().toString(36)}`;
  }

  /** The number Meta wants echoed in a handshake. */
  challenge(): string {
    return String(this.traces.nextUint32());
  }

  /** The id of an uploaded media object. */
  media(): string {
    this.issued += 1;
    return `${1_000_000_000 + (this.messages.nextUint32() % 1_000_000_000)}${String(this.issued).padStart(6, '0')}`;
  }
}
