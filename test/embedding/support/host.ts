import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type HostAccess, type PatchbayOptions, houseGatewayTypes } from '../../../src/index.js';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.js';
import { freePort } from '../../support/patchbay.js';
import { WORLD } from '../../support/stage.js';
import { dropDatabase, makeEmptyDatabase } from '../../support/test-server.js';
import { type MonolithOptions, startMonolith } from './monolith.js';

export const PATH = '/chat-in';

/** The host's own sessions: who is asking, in a header of its own. */
const access: HostAccess = {
  identify: ({ headers }) => {
    if (headers['x-session'] === 'boss') return { id: 'boss', permissions: '*' };
    if (headers['x-session'] === 'reader') return { id: 'reader', permissions: ['events:read'] };
    if (headers['x-session'] === 'clerk') return { id: 'clerk', permissions: ['gateways:read'] };
    return undefined;
  },
};

type Own = Omit<MonolithOptions, 'url' | 'port' | 'patchbay'>;

export interface HostOptions extends Own {
  readonly patchbay?: Partial<PatchbayOptions>;
}

/**
 * A host application with Patchbay in it, a database of its own, and a simulated WhatsApp on which people write to its gateway
 * `acme`.
 */
export class Host {
  private running: NestExpressApplication | undefined;
  private customers = 0;

  private constructor(
    readonly url: string,
    readonly port: number,
    readonly sim: Simulator,
    readonly patchbay: MonolithOptions['patchbay'] & { readonly dataDir: string },
    private readonly own: Own,
  ) {}

  /** Everything that it needs, and the host started on it. */
  static async open({ patchbay, ...own }: HostOptions = {}): Promise<Host> {
    const url = await makeEmptyDatabase();
    const port = await freePort();
    const sim = await startSimulator({ webhookUrl: `http://127.0.0.1:${port}${PATH}/chat/acme` });
    const options = {
      path: PATH,
      schema: 'chat',
      access,
      dataDir: await mkdtemp(join(tmpdir(), 'patchbay-host-')),
      encryptionKey: randomBytes(32).toString('base64'),
      gatewayTypes: houseGatewayTypes({ graphUrl: sim.url }),
      settings: { ALLOW_PRIVATE_URLS: 'true', LOG_LEVEL: own.logger ? 'info' : 'silent' },
      ...patchbay,
    };
    const host = new Host(url, port, sim, options, own);
    try {
      await host.start();
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  get app(): NestExpressApplication {
    if (!this.running) throw new Error('the host has not started');
    return this.running;
  }

  get root(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** After {@link stop}, the same again; `other`: what is not as it was. */
  async start(other: Own = {}): Promise<void> {
    const { url, port, patchbay } = this;
    this.running = await startMonolith({ url, port, patchbay, ...this.own, ...other });
  }

  /** Another process of the host on the same database, so to speak; the caller closes it. */
  async startAnother(imports: Own['imports'], patchbay: Partial<PatchbayOptions>): Promise<NestExpressApplication> {
    const options = { ...this.patchbay, ...patchbay };
    return startMonolith({ url: this.url, port: await freePort(), patchbay: options, ...(imports && { imports }) });
  }

  async stop(): Promise<void> {
    await this.running?.close();
    this.running = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.sim.close();
    await dropDatabase(this.url);
    await rm(this.patchbay.dataDir, { recursive: true, force: true });
  }

  /** Makes the gateway, finds its number and activates it. Gives back what the making was answered. */
  async engage(gateway: { readonly bot?: object } = {}) {
    const created = await this.api('POST', '/gateways', {
      name: 'Acme',
      uri: 'acme',
      type: 'messenger',
      metadata: {
        whatsapp_token: WORLD.token,
        client_id: WORLD.appId,
        client_secret: WORLD.appSecret,
        verify_token: WORLD.verifyToken,
      },
      ...gateway,
    });
    if (created.status !== 201) throw new Error(`the gateway was not made: ${created.status} ${created.text}`);
    for (const operation of ['setup', 'subscribe']) {
      const { status, text } = await this.call('GET', `${PATH}/chat/acme?whatsapp=${operation}`);
      if (status !== 200) throw new Error(`${operation} failed: ${status} ${text}`);
    }
    return created.body;
  }

  /** Somebody whom no other test knows. */
  customer() {
    this.customers += 1;
    return this.sim.customer(`1650555${String(this.customers).padStart(4, '0')}`);
  }

  async call(method: string, path: string, body?: unknown, session: string | null = 'boss') {
    const response = await fetch(this.root + path, {
      method,
      headers: {
        ...(session !== null && { 'x-session': session }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  }

  /** `path` below the API of Patchbay. */
  api(method: string, path: string, body?: unknown, session?: string | null) {
    return this.call(method, `${PATH}/api/v1${path}`, body, session);
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of all kinds
function parse(given: string): any {
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}
