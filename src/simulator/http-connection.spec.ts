import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import type { RawRequest } from './graph-request.js';
import type { HttpReply } from './http-connection.js';
import { HttpServer } from './http-server.js';

let server: HttpServer;
let socket: Socket;
let seen: (Omit<RawRequest, 'body'> & { body: string })[];
let reply: () => HttpReply | undefined;
let said: string;

beforeEach(async () => {
  [seen, said] = [[], ''];
  reply = () => ({ status: 200, body: { number: seen.length } });
  server = new HttpServer(async ({ body, ...request }) => {
    seen.push({ ...request, body: body.toString() });
    return reply();
  });
  socket = connect(Number(new URL(await server.listen(0)).port), '127.0.0.1');
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(socket, 'connect');
});

afterEach(async () => {
  socket.destroy();
  await server.close();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await once(socket, 'data');
  }
}

const POST =
  'POST /v26.0/1/messages?a=b HTTP/1.1\r\nHost: example:1\r\nAuthorization: Bearer x\r\nContent-Type: text/plain\r\n';

describe('a connection', () => {
  it('gives a request to the handler and its reply back', async () => {
    socket.write(`${POST}Content-Length: 3\r\nConnection: keep-alive\r\n\r\nä!`);
    await until(() => said.includes('}'));
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/v26.0/1/messages?a=b',
        contentType: 'text/plain',
        authorization: 'Bearer x',
        origin: 'http://example:1',
        body: 'ä!',
      },
    ]);
    expect(said).toBe(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: 12\r\n\r\n{"number":1}',
    );
  });

  it('puts a request together that comes in pieces', async () => {
    for (const piece of [POST.slice(0, 20), POST.slice(20), 'Content-Length: 4\r', '\n\r\nab', 'cd']) {
      socket.write(piece);
      await new Promise(setImmediate);
    }
    await until(() => said.includes('}'));
    expect(seen.map(({ body }) => body)).toEqual(['abcd']);
  });

  it('answers requests that come at once one after the other', async () => {
    socket.write(`GET /a HTTP/1.1\r\n\r\n${POST}Content-Length: 1\r\n\r\nxGET /b HTTP/1.1\r\n\r\n`);
    await until(() => said.includes('{"number":3}'));
    expect(seen.map(({ url, body }) => url + body)).toEqual(['/a', '/v26.0/1/messages?a=bx', '/b']);
  });

  it.each([
    ['a body in chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`],
    ['a header twice', `${POST}X-A: 1\r\nX-A: 2\r\nContent-Length: 3\r\n\r\nabc`],
    ['a connection that is to be closed', `${POST}Connection: close\r\nContent-Length: 3\r\n\r\nabc`],
    ['a client that asks whether it may', `${POST}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc`],
  ])('takes %s', async (_, request) => {
    socket.write(`GET /first HTTP/1.1\r\n\r\n${request}`);
    await until(() => said.includes('{"number":2}'));
    expect(seen.map(({ body, method }) => method + body)).toEqual(['GET', 'POSTabc']);
  });

  it('says that what is no HTTP is no HTTP', async () => {
    socket.write('hello\r\n\r\n');
    await until(() => said.includes('400 Bad Request'));
    expect(seen).toEqual([]);
  });

  it('sends bytes as they are, and nothing where there is no body', async () => {
    reply = () => ({ status: 404, body: seen.length === 1 ? Buffer.from('bytes') : undefined, contentType: 'a/b' });
    socket.write('GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n');
    await until(() => said.endsWith('content-length: 0\r\n\r\n'));
    expect(said).toBe(
      'HTTP/1.1 404 Not Found\r\ncontent-type: a/b\r\ncontent-length: 5\r\n\r\nbytes' +
        'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n',
    );
  });

  it('is cut where the handler says so', async () => {
    reply = () => undefined;
    socket.write('GET /a HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    expect([seen.length, said]).toEqual([1, '']);
  });

  it('shows a bug of the simulator', async () => {
    reply = () => {
      throw new Error('a bug');
    };
    socket.write('GET /a HTTP/1.1\r\n\r\n');
    await until(() => said.includes('a bug'));
    expect(said).toContain('HTTP/1.1 500 Internal Server Error');
  });
});
