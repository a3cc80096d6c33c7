import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Config, ConfigError } from './platform/config/config.js';

type Address = Pick<Config, 'host' | 'port'>;

/**
 * Takes the address for a moment, before a database is started and work is taken for a process that could not listen.
 *
 * @throws ConfigError when it cannot be had
 */
export async function tryAddress(address: Address): Promise<void> {
  const server = createServer();
  try {
    server.listen(address.port, address.host);
    await once(server, 'listening');
  } catch (error) {
    throw refusedAddress(error, address) ?? error;
  }
  server.close();
  await once(server, 'close');
}

/** What to tell whoever set HOST and PORT; undefined when they are not to blame. */
export function refusedAddress(error: unknown, { host, port }: Address): ConfigError | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError(
        `PORT is not usable: given "${port}", which another process listens on at ${host}, allowed is a free port.`,
      );
    case 'EACCES':
      return new ConfigError(
        `PORT is not usable: given "${port}", which this user may not listen on, allowed is a port from 1024.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new ConfigError(
        `HOST is not usable: given ${JSON.stringify(host)} (${code}), allowed is an address or name of this machine, e.g. 127.0.0.1 or 0.0.0.0.`,
      );
    default:
      return undefined;
  }
}
