import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { serve } from '../support/serve.js';

/**
 * The ceiling: the least that a process can do which verifies a webhook and has it on disk before it answers. Plain node:http,
 * one HMAC, and INSERTs that concurrent requests share; nothing is routed, parsed, counted or listed for later.
 */

interface Arrival {
  readonly body: Buffer;
  readonly answer: (status: number) => void;
}

const MAX_ROWS = 500;
const AT_ONCE = 2;

async function listen({ connectionString, secret }: { connectionString: string; secret: string }): Promise<number> {
  const pool = new pg.Pool({ connectionString, max: AT_ONCE });
  await pool.query('CREATE SCHEMA IF NOT EXISTS ceiling');
  await pool.query(`CREATE TABLE IF NOT EXISTS ceiling.provider_event (
    id bigint GENERATED ALWAYS AS IDENTITY, received_at timestamptz NOT NULL, scope text NOT NULL, body bytea NOT NULL,
    PRIMARY KEY (id, received_at))`);
  const waiting: Arrival[] = [];
  let running = 0;

  const pump = (): void => {
    while (running < AT_ONCE && waiting.length > 0) {
      running += 1;
      void append(waiting.splice(0, MAX_ROWS)).finally(() => {
        running -= 1;
        pump();
      });
    }
  };
  const append = async (arrivals: readonly Arrival[]): Promise<void> => {
    const sizes = arrivals.map(({ body }) => body.length);
    let next = 1;
    const starts = sizes.map((size) => (next += size) - size);
    const status = await pool
      .query({
        name: 'append',
        text: `INSERT INTO ceiling.provider_event (received_at, scope, body)
               SELECT $4, 'acme', substring($1::bytea FROM start FOR size) FROM unnest($2::int[], $3::int[]) AS a (start, size)`,
        values: [Buffer.concat(arrivals.map(({ body }) => body)), starts, sizes, new Date()],
      })
      .then(
        () => 200,
        () => 503,
      );
    for (const { answer } of arrivals) answer(status);
  };

  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const given = Buffer.from(String(request.headers['x-hub-signature-256']).slice('sha256='.length), 'hex');
      const digest = createHmac('sha256', secret).update(body).digest();
      const answer = (status: number): void => {
        response.writeHead(status, { 'Content-Length': 0 });
        response.end();
      };
      if (given.length !== digest.length || !timingSafeEqual(given, digest)) return answer(401);
      waiting.push({ body, answer });
      if (running < AT_ONCE) setImmediate(pump);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  });
}

serve({ listen });
