import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '../support/serve.js';

/** A bot that replies to whoever asks, and says nothing to everyone else. */

const QUESTION = 'question';

const MARK = Buffer.from(QUESTION);
const SILENCE = Buffer.from('{}');
const REPLY = Buffer.from(JSON.stringify({ replies: [{ type: 'text', text: 'Yes, in green.' }] }));

async function listen(): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = Buffer.concat(chunks).includes(MARK) ? REPLY : SILENCE;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
      response.end(answer);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/bot`;
}

serve({ listen });
