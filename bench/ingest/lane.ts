import { type Socket, connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One HTTP/1.1 connection that carries one request at a time, written and read as bytes: the generator shares the machine with
 * what it measures, and a full client would take a good part of it.
 */
export class Lane {
  private socket: Socket | undefined;
  private received: Buffer = Buffer.alloc(0);
  private settle: ((status: number) => void) | undefined;

  constructor(private readonly port: number) {}

  /** Resolves with the HTTP status when the whole answer is here, with 0 when the connection broke. */
  send(request: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      this.settle = resolve;
      // A server closes what was idle for a while.
      this.socket ??= this.open();
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.port, noDelay: true });
    socket.on('data', (chunk) => this.read(chunk));
    // What follows is 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.socket = undefined;
      this.received = Buffer.alloc(0);
      this.finish(0);
    });
    return socket;
  }

  private finish(status: number): void {
    const settle = this.settle;
    this.settle = undefined;
    settle?.(status);
  }

  private read(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const end = this.received.indexOf(HEAD_END);
    if (end === -1) return;
    const head = this.received.toString('latin1', 0, end);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    this.received = Buffer.alloc(0);
    this.finish(Number(head.slice(9, 12)));
  }
}

export function requestHead(path: string, port: number, signature: string, length: number): string {
  return [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'User-Agent: facebookexternalua',
    'Accept: */*',
    'Content-Type: application/json',
    `X-Hub-Signature-256: sha256=${signature}`,
    `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n');
}
