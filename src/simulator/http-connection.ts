import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { RawRequest } from './graph-request.js';

export interface HttpReply {
  status: number;
  /** JSON unless it is bytes; undefined = no body. */
  body: unknown;
  contentType?: string;
  headers?: Record<string, string>;
}

/** @returns undefined to cut the connection. */
export type HttpHandler = (request: RawRequest) => Promise<HttpReply | undefined>;

interface Head {
  request: Omit<RawRequest, 'body'>;
  bodyLength: number;
  /** Where the body begins. */
  end: number;
}

const HEAD_END = '\r\n\r\n';
const LONGEST_HEAD = 16_384;
const REQUEST_LINE = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*) HTTP\/1\.1$/;
/** What has a meaning of its own for the connection or the body. */
const UNUSUAL: ReadonlySet<string> = new Set(['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te']);
const EMPTY = Buffer.alloc(0);

/**
 * The requests of one connection, one after the other. It reads what clients say a thousand times a second, which is a head and
 * as many bytes as that names, for a third of what `node:http` takes; a connection on which anything else is said goes to that.
 */
export class HttpConnection {
  private unread: Buffer = EMPTY;
  private head: Head | undefined;
  private isAnswering = false;

  constructor(
    private readonly socket: Socket,
    private readonly handler: HttpHandler,
    private readonly handOver: (socket: Socket) => void,
  ) {
    socket.on('data', this.onData);
  }

  private readonly onData = (chunk: Buffer): void => {
    this.unread = this.unread.length === 0 ? chunk : Buffer.concat([this.unread, chunk]);
    this.proceed();
  };

  private proceed(): void {
    if (this.isAnswering || this.unread.length === 0) {
      return;
    }
    if (this.head === undefined) {
      const head = readHead(this.unread);
      if (head === 'incomplete') {
        return;
      }
      if (head === 'unusual') {
        this.leave();
        return;
      }
      this.head = head;
    }
    const { request, bodyLength, end } = this.head;
    if (this.unread.length < end + bodyLength) {
      return;
    }
    const body = this.unread.subarray(end, end + bodyLength);
    this.unread = this.unread.subarray(end + bodyLength);
    this.head = undefined;
    this.isAnswering = true;
    void this.answer({ ...request, body });
  }

  private async answer(request: RawRequest): Promise<void> {
    const reply = await replyOf(this.handler, request);
    if (reply === undefined) {
      this.socket.destroy();
      return;
    }
    if (!this.socket.writable) {
      return; // The caller hung up: nobody is there to be answered.
    }
    const { body } = reply;
    if (Buffer.isBuffer(body)) {
      this.socket.cork();
      this.socket.write(headOf(reply, body.length));
      this.socket.write(body);
      this.socket.uncork();
    } else {
      const text = body === undefined ? '' : JSON.stringify(body);
      this.socket.write(headOf(reply, Buffer.byteLength(text)) + text);
    }
    this.isAnswering = false;
    this.proceed();
  }

  private leave(): void {
    const { socket, unread } = this;
    socket.off('data', this.onData);
    socket.pause();
    socket.unshift(unread);
    this.handOver(socket);
    socket.resume();
  }
}

/** What the handler says; what it throws is a bug of the simulator and must be seen. */
export async function replyOf(handler: HttpHandler, request: RawRequest): Promise<HttpReply | undefined> {
  try {
    return await handler(request);
  } catch (error) {
    return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function headOf(
  { status, contentType = 'application/json; charset=UTF-8', headers = {} }: HttpReply,
  length: number,
): string {
  const type = length === 0 ? '' : `content-type: ${contentType}\r\n`;
  const more = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${type}${more}content-length: ${length}${HEAD_END}`;
}

function readHead(bytes: Buffer): Head | 'incomplete' | 'unusual' {
  const length = bytes.indexOf(HEAD_END);
  if (length < 0) {
    return bytes.length < LONGEST_HEAD ? 'incomplete' : 'unusual';
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, length).split('\r\n');
  const [, method = '', url = ''] = REQUEST_LINE.exec(first) ?? [];
  const headers = url === '' ? undefined : readHeaders(lines);
  const bodyLength = headers?.['content-length'] ?? '0';
  if (headers === undefined || !/^\d{1,9}$/.test(bodyLength)) {
    return 'unusual';
  }
  const { 'content-type': contentType = '', 'd360-api-key': apiKey, authorization, host = '127.0.0.1' } = headers;
  return {
    request: { method, url, contentType, authorization, apiKey, origin: `http://${host}` },
    bodyLength: Number(bodyLength),
    end: length + HEAD_END.length,
  };
}

/** @returns undefined where one of them is not plain. */
function readHeaders(lines: readonly string[]): Record<string, string | undefined> | undefined {
  const headers: Record<string, string | undefined> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const isUnusual = UNUSUAL.has(name) || (name === 'connection' && value.toLowerCase() !== 'keep-alive');
    if (isUnusual || !/^[a-z0-9-]+$/.test(name) || headers[name] !== undefined) {
      return undefined;
    }
    headers[name] = value;
  }
  return headers;
}
