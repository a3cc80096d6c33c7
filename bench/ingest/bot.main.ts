import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Quantiles, quantiles } from '../support/numbers.js';
import { serve } from '../support/serve.js';

/** A bot that answers 200 to everything, and notes how long ago the webhook was due that its event came from. */

export interface BotReport {
  readonly events: number;
  /** from when the webhook was due to when its event was here, in ms */
  readonly lagMs: Quantiles;
}

const MARK = Buffer.from('lag:');

let events = 0;
let lags: number[] = [];

async function listen(): Promise<string> {
  const server = createServer((request, response) => {
    const now = performance.timeOrigin + performance.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      events += 1;
      const body = Buffer.concat(chunks);
      const at = body.indexOf(MARK);
      if (at !== -1) lags.push(now - Number.parseFloat(body.toString('latin1', at + MARK.length, at + 24)));
      response.writeHead(200, { 'Content-Length': 0 });
      response.end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/bot`;
}

/** What came since the last report. */
function report(): BotReport {
  const result = { events, lagMs: quantiles(lags) };
  events = 0;
  lags = [];
  return result;
}

serve({ listen, report });
