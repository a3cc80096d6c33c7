import { type ConnectionOptions, Queue, Worker, createPostgresBackend, setDefaultBackendFactory } from 'bullmq';
import { Redis } from 'ioredis';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { serve } from '../support/serve.js';

/**
 * The ceiling: the least that can send messages through a queue. A bare BullMQ worker and undici, no database of its own, no
 * limits, no order, no history; receipts are answered 200 and forgotten.
 */

export interface CeilingInput {
  readonly backend: { readonly redis: string } | { readonly postgresql: string };
  readonly graphUrl: string;
  readonly token: string;
  readonly numbers: readonly string[];
  readonly firstPhone: number;
  readonly count: number;
  readonly concurrency: number;
  readonly perAdd: number;
}

interface Job {
  readonly number: string;
  readonly to: string;
}

/** Where the receipts of its messages may go. */
async function listen(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-length': 0 }).end());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

/** Queues and sends everything. @returns when it began, in ms since the epoch */
async function run(input: CeilingInput): Promise<number> {
  const { backend, graphUrl, token, numbers, firstPhone, count, concurrency, perAdd } = input;
  const redis = 'redis' in backend ? new Redis(backend.redis, { maxRetriesPerRequest: null }) : undefined;
  if ('postgresql' in backend) setDefaultBackendFactory(createPostgresBackend as never);
  const connection = redis ?? {
    connectionString: (backend as { postgresql: string }).postgresql,
    schema: 'ceiling_queue',
    migrate: true,
    max: 3,
  };
  const options = { connection: connection as unknown as ConnectionOptions, prefix: '{ceiling}' };
  const queue = new Queue<Job>('send', {
    ...options,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  await queue.waitUntilReady();
  const pool = new Pool(graphUrl, { connections: concurrency });
  let refused = 0;
  let left = count;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const worker = new Worker<Job>(
    'send',
    async ({ data }) => {
      const answer = await pool.request({
        method: 'POST',
        path: `/v26.0/${data.number}/messages`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          messaging_product: 'whatsapp',
          recipient_type: 'individual',
          to: data.to,
          type: 'template',
          template: { name: 'promo', language: { code: 'en_US' }, components: [] },
        }),
      });
      await answer.body.text();
      if (answer.statusCode !== 200) refused += 1;
      left -= 1;
      if (left === 0) finish();
    },
    { ...options, concurrency },
  );
  worker.on('error', (error) => process.stderr.write(`ceiling: ${error.message}\n`));
  await worker.waitUntilReady();
  const began = Date.now();
  for (let start = 0; start < count; start += perAdd) {
    await queue.addBulk(
      Array.from({ length: Math.min(perAdd, count - start) }, (_, place) => ({
        name: 'send',
        data: { number: numbers[(start + place) % numbers.length] ?? '', to: `+${firstPhone + start + place}` },
      })),
    );
  }
  await finished;
  await worker.close();
  await queue.close();
  await pool.close();
  redis?.disconnect();
  if (refused > 0) throw new Error(`the simulator refused ${refused} messages of the ceiling`);
  return began;
}

serve({ listen, run });
