import pg from 'pg';
import { type PostgresAddress, driverOptions } from '../database/postgres-address.js';
import type { Log } from '../logging/log.js';

type Listener = (payload: string) => void;

/**
 * PostgreSQL's LISTEN on one connection of its own. Listeners also hear `'*'` whenever the connection was lost and is back,
 * since anything may have been missed meanwhile.
 */
export class Notifications {
  private readonly listeners = new Map<string, Listener[]>();
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly address: PostgresAddress,
    private readonly log: Log,
  ) {}

  on(channel: string, listener: Listener): void {
    this.listeners.set(channel, [...(this.listeners.get(channel) ?? []), listener]);
    void this.client
      ?.query(`LISTEN ${channel}`)
      .catch((error: unknown) => this.log.warn({ err: error, channel }, 'LISTEN failed'));
  }

  async start(): Promise<void> {
    await this.connect();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.client?.end();
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      ...driverOptions(this.address),
      application_name: 'patchbay-listen',
      keepAlive: true,
    });
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.listeners.get(channel) ?? []) listener(payload ?? '');
    });
    client.on('error', (error) => this.reconnect(client, error));
    client.on('end', () => this.reconnect(client, undefined));
    await client.connect();
    this.client = client;
    for (const channel of this.listeners.keys()) await client.query(`LISTEN ${channel}`);
  }

  private reconnect(client: pg.Client, error: Error | undefined): void {
    if (this.stopped || this.client !== client) return;
    this.client = undefined;
    this.log.warn({ err: error }, 'the listening connection to the database was lost');
    this.retry = setTimeout(() => void this.tryAgain(), 500);
  }

  private async tryAgain(): Promise<void> {
    try {
      await this.connect();
      for (const listeners of this.listeners.values()) for (const listener of listeners) listener('*');
    } catch (error) {
      this.log.debug({ err: error }, 'the database does not answer yet');
      if (!this.stopped) this.retry = setTimeout(() => void this.tryAgain(), 500);
    }
  }
}
