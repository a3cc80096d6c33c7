import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '../clock/clock.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { HttpClient } from './http-client.js';

const quiet = { info: () => undefined, warn: () => undefined };
const closings: (() => Promise<unknown>)[] = [];

function client() {
  const clock = new ManualClock();
  const http = new HttpClient({ publicOnly: false, breaker: new CircuitBreaker({ clock, log: quiet }) });
  closings.push(() => http.close());
  return { http, clock };
}

async function host(answer: { status: number; body: string } | 'hang up') {
  const seen = { connections: 0 };
  let now = answer;
  const server: Server = createServer((request, response) => {
    if (now === 'hang up') request.socket.destroy();
    else response.writeHead(now.status).end(now.body);
  });
  server.on('connection', () => (seen.connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, seen, say: (next: typeof answer) => (now = next) };
}

async function inARow(times: number, call: () => Promise<unknown>): Promise<unknown[]> {
  const answers = [];
  for (let made = 0; made < times; made += 1) answers.push(await call());
  return answers;
}

afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

describe('HttpClient', () => {
  it('stops hammering a host that refuses connections', async () => {
    const { http } = client();
    const gone = await host({ status: 200, body: '{}' });
    for (const close of closings.splice(1)) await close();
    const answers = await inARow(200, () => http.request({ method: 'GET', url: gone.url }));
    const tried = answers.filter((answer) => !JSON.stringify(answer).includes('circuit open'));
    expect(tried).toHaveLength(5);
    expect(tried[0]).toMatchObject({ status: 'failed', sent: false });
    expect(answers[199]).toMatchObject({
      status: 'failed',
      sent: false,
      reason: expect.stringMatching(/^circuit open since .* until /),
      afterMs: 1_000,
    });
  });

  it('stops calling a host that hangs up, tries it again later, and goes on once it answers', async () => {
    const { http, clock } = client();
    const { url, seen, say } = await host('hang up');
    await inARow(50, () => http.request({ method: 'POST', url, body: '{}' }));
    expect(seen.connections).toBe(5);
    say({ status: 200, body: '{}' });
    expect(await http.request({ method: 'GET', url })).toMatchObject({ status: 'failed', sent: false });
    clock.advance(1_000);
    expect(await http.request({ method: 'GET', url })).toMatchObject({ status: 'answered' });
    expect(await http.request({ method: 'GET', url })).toMatchObject({ status: 'answered' });
  });

  it('makes the call of a person all the same, and its answer lets the others through', async () => {
    const { http } = client();
    const { url, say } = await host({ status: 502, body: '<html>' });
    await inARow(5, () => http.request({ method: 'GET', url }));
    expect(await http.request({ method: 'GET', url })).toMatchObject({ status: 'failed', sent: false });
    expect(await http.interactive.request({ method: 'GET', url })).toMatchObject({ httpStatus: 502 });
    say({ status: 200, body: '{}' });
    expect(await http.interactive.request({ method: 'GET', url })).toMatchObject({ httpStatus: 200 });
    expect(await http.request({ method: 'GET', url })).toMatchObject({ httpStatus: 200 });
  });

  it.each([
    ['the network’s own refusals with 5xx', { status: 500, body: '{"error":{"code":131000}}' }],
    ['refusals with 4xx, whatever they say', { status: 404, body: '<html>' }],
  ])('takes %s for answers', async (_, answer) => {
    const { http } = client();
    const { url } = await host(answer);
    const answers = await inARow(20, () => http.request({ method: 'GET', url }));
    expect(answers.every((each) => (each as { status: string }).status === 'answered')).toBe(true);
  });

  it('does not blame a host for what we refuse or cut off ourselves', async () => {
    const breaker = new CircuitBreaker({ clock: new ManualClock(), log: quiet });
    const http = new HttpClient({ publicOnly: true, maxAnswerBytes: 4, breaker });
    closings.push(() => http.close());
    const answers = await inARow(10, () => http.request({ method: 'GET', url: 'http://localhost:9/' }));
    expect(JSON.stringify(answers)).not.toContain('circuit open');
  });
});

describe('HttpClient.download', () => {
  /** What a sink took, and what became of the exchange. */
  async function fetched(http: HttpClient, url: string, most = Infinity) {
    const chunks: Uint8Array[] = [];
    const answer = await http.download({ method: 'GET', url }, (chunk) => {
      chunks.push(chunk);
      return chunks.length < most;
    });
    return { answer, text: Buffer.concat(chunks).toString() };
  }

  it('pours a file into its sink, and keeps the text of anything else', async () => {
    const { http } = client();
    const { url, say } = await host({ status: 200, body: 'bytes' });
    expect(await fetched(http, url)).toMatchObject({ text: 'bytes', answer: { httpStatus: 200, text: '' } });
    say({ status: 404, body: '{"error":{}}' });
    expect(await fetched(http, url)).toMatchObject({ text: '', answer: { httpStatus: 404, text: '{"error":{}}' } });
  });

  it('ends when its sink wants no more, without blaming the host', async () => {
    const { http } = client();
    const { url } = await host({ status: 200, body: 'x'.repeat(1024 * 1024) });
    for (let times = 0; times < 10; times += 1) {
      const { answer, text } = await fetched(http, url, 1);
      expect(answer).toMatchObject({ status: 'failed', reason: expect.stringContaining('no more') });
      expect(text.length).toBeLessThan(1024 * 1024);
    }
  });

  it('follows no redirect', async () => {
    const { http } = client();
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closings.push(async () => server.close());
    const { answer } = await fetched(http, `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`);
    expect([answer, seen]).toMatchObject([{ httpStatus: 302 }, ['/file']]);
  });

  it.each([
    'http://localhost:9/',
    'http://127.0.0.1:9/',
    'http://[::1]:9/',
    'http://0x7f.1:9/',
    'http://2130706433:9/',
  ])('asks nothing of %s where private addresses are not allowed', async (url) => {
    const http = new HttpClient({ publicOnly: true });
    closings.push(() => http.close());
    const { answer } = await fetched(http, url);
    expect(answer).toMatchObject({ status: 'failed', sent: false, reason: expect.stringContaining('private address') });
  });

  it('is ended from outside', async () => {
    const { http } = client();
    const { url } = await host({ status: 200, body: 'bytes' });
    const answer = await http.download({ method: 'GET', url }, () => true, AbortSignal.abort());
    expect(answer).toMatchObject({ status: 'failed' });
  });
});
