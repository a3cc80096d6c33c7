import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EchoBot {
  readonly url: string;
  close(): void;
}

/** The smallest bot there is: it says back what it hears. A bot of your own starts just like this. */
export async function startEchoBot(hear: (text: string, variables: Record<string, string>) => void): Promise<EchoBot> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const event = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        type: string;
        variables: Record<string, string>;
        message?: { text?: string };
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      if (event.type !== 'message.received') return response.end();
      hear(event.message?.text ?? '', event.variables);
      return response.end(
        JSON.stringify({ replies: [{ type: 'text', text: `You said: ${event.message?.text ?? ''}` }] }),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
