import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import { newId, timeOfId } from '../../src/platform/ids/ids.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { type Patchbay, eventually, startPatchbay } from '../../test/support/patchbay.js';
import { WORLD } from '../../test/support/stage.js';
import { COUNTS_STATEMENTS, costliestStatements, countStatements, forgetStatements } from '../support/statements.js';
import { outboundId, phoneOf } from './webhooks.js';

export const URI = 'acme';

const AT_ONCE = 5_000;

export interface GroundOptions {
  readonly dataDir: string;
  readonly redisUrl: string | undefined;
  /** whether PostgreSQL keeps count of its statements, which costs a little */
  readonly countsStatements: boolean;
  /** a folder for CPU profiles of Patchbay */
  readonly profiles: string | undefined;
}

/** What all rounds stand on: one durable PostgreSQL, a simulated Meta to set the gateway up against, and our own connection. */
export class Ground {
  private made = 0;
  private readonly started: Patchbay[] = [];
  private model: Promise<void> | undefined;

  private constructor(
    readonly database: string,
    private readonly postgres: EmbeddedPostgres,
    private readonly sim: Simulator,
    private readonly client: pg.Client,
    private readonly options: GroundOptions,
  ) {}

  static async open(options: GroundOptions): Promise<Ground> {
    const log = { info: () => undefined, warn: () => undefined };
    const postgres = await startEmbeddedPostgres({
      dataDir: options.dataDir,
      log,
      ...(options.countsStatements && { settings: COUNTS_STATEMENTS }),
    });
    const client = new pg.Client({ connectionString: postgres.connectionString, options: '-c search_path=patchbay' });
    await client.connect();
    if (options.countsStatements) await countStatements(client);
    const sim = await startSimulator({ window: 'open', statuses: false, record: 1_000, seed: 1 });
    return new Ground(postgres.connectionString, postgres, sim, client, options);
  }

  async close(): Promise<void> {
    for (const patchbay of this.started) await patchbay.dispose();
    await this.client.end();
    await this.sim.close();
    await this.postgres.stop();
    await rm(this.options.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }

  async version(): Promise<string> {
    const { rows } = await this.client.query<{ version: string; fsync: string; commit: string }>(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
         current_setting('synchronous_commit') AS commit`,
    );
    const [row] = rows;
    return `PostgreSQL ${row?.version}, fsync ${row?.fsync}, synchronous_commit ${row?.commit}`;
  }

  /** Patchbay in a process of its own. The first one also makes the gateway. */
  async startPatchbay(roles: string, botUrl: string, events?: readonly string[]): Promise<Patchbay> {
    const { profiles, redisUrl } = this.options;
    const patchbay = await startPatchbay({
      dataDir: join(this.options.dataDir, 'patchbay'),
      env: {
        ROLES: roles,
        DATABASE_URL: this.database,
        ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
        ALLOW_PRIVATE_URLS: 'true',
        GRAPH_URL: this.sim.url,
        LOG_LEVEL: 'warn',
        ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
      },
      ...(profiles !== undefined && { nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${profiles}`] }),
    });
    this.started.push(patchbay);
    const { rowCount } = await this.client.query('SELECT 1 FROM gateway WHERE uri = $1', [URI]);
    if (rowCount === 0) await engage(patchbay, botUrl, events);
    return patchbay;
  }

  /** Takes away what a round left behind, and has the disk quiet before the next. */
  async sweep(): Promise<void> {
    await eventually('the tables to be emptied', async () => {
      // Workers that are busy with these rows may be met in a deadlock.
      await this.client.query(
        'TRUNCATE inbox_pending, provider_event, event, event_delivery, event_line, unmatched_receipt, ceiling.provider_event',
      );
      return true;
    });
    await this.client.query('CHECKPOINT');
  }

  /**
   * Outbound messages that were accepted by the network, for statuses to speak of: one is really sent through the API, the
   * others are copies of its rows under ids of their own, on the threads of all customers. Gives back the first one's number.
   */
  async outbound(patchbay: Patchbay, customers: number, count: number): Promise<number> {
    await (this.model ??= this.prepare(patchbay, customers));
    const from = this.made;
    for (let start = from; start < from + count; start += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, from + count - start) }, (_, place) => start + place);
      const ids = numbers.map(() => newId());
      await this.client.query(
        `WITH copies AS (
           INSERT INTO message (id, created_at, direction, gateway_id, account_id, channel, thread_id, dialog_id, contact_id,
             origin, class, status, part, content, provider_id, occurred_at, updated_at)
           SELECT n.id, n.created_at, m.direction, m.gateway_id, m.account_id, m.channel, c.thread_id, c.dialog_id, c.contact_id,
             m.origin, m.class, 'accepted', m.part, m.content, n.provider_id, n.created_at, n.created_at
           FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[]) AS n (id, created_at, provider_id, customer)
           JOIN bench_customer c ON c.number = n.customer
           CROSS JOIN (SELECT * FROM message WHERE direction = 'out' AND provider_id IS NOT NULL LIMIT 1) m
           RETURNING account_id, provider_id, id
         )
         INSERT INTO message_ref (account_id, provider_id, message_id) SELECT * FROM copies`,
        [ids, ids.map(timeOfId), numbers.map(outboundId), numbers.map((number) => number % customers)],
      );
    }
    this.made += count;
    await this.client.query('ANALYZE');
    await this.client.query('CHECKPOINT');
    return from;
  }

  private async prepare(patchbay: Patchbay, customers: number): Promise<void> {
    const sent = await patchbay.call<{ id: string }>('POST', '/messages', {
      body: { gateway: URI, to: `+${phoneOf(0)}`, content: { type: 'text', text: 'Yes, in green.' } },
    });
    if (sent.status !== 202) throw new Error(`a message was not taken: ${sent.status} ${sent.text}`);
    await eventually('the message to be accepted', async () => {
      const { body } = await patchbay.call('GET', `/messages/${sent.body.id}`);
      return body['status'] === 'accepted';
    });
    // Every customer has written once, so that each has a contact, a thread and a dialog.
    await eventually(
      'a thread for each customer',
      async () => {
        const { rows } = await this.client.query<{ count: number }>('SELECT count(*)::int AS count FROM thread');
        return (rows[0]?.count ?? 0) >= customers;
      },
      120_000,
    );
    await this.client.query(
      `CREATE TABLE IF NOT EXISTS bench_customer AS
       SELECT DISTINCT ON (number) (i.value::bigint - $1::bigint)::int AS number, d.thread_id, d.id AS dialog_id, d.contact_id
       FROM dialog d JOIN contact_identity i ON i.contact_id = d.contact_id AND i.kind = 'phone'
       WHERE d.closed_at IS NULL`,
      [phoneOf(0).replace(/^\+/, '')],
    );
  }

  async forgetStatements(): Promise<void> {
    if (this.options.countsStatements) await forgetStatements(this.client);
  }

  /** The statements that PostgreSQL has spent most time on, one per line. */
  async costliestStatements(): Promise<readonly string[]> {
    return this.options.countsStatements ? costliestStatements(this.client) : [];
  }

  /** How often PostgreSQL has committed so far. */
  async commits(): Promise<number> {
    const { rows } = await this.client.query<{ commits: string }>(
      'SELECT xact_commit AS commits FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(rows[0]?.commits ?? 0);
  }
}

export interface Backlog {
  readonly inbox: number;
  readonly events: number;
}

/** From `/metrics`, as an operator would see it. */
export async function readBacklog(patchbay: Patchbay): Promise<Backlog> {
  const { text } = await patchbay.call('GET', '//metrics');
  const depth = (queue: string): number =>
    Number(new RegExp(`^patchbay_queue_depth\\{queue="${queue}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { inbox: depth('inbox'), events: depth('events_lined') + depth('events_detached') };
}

async function engage(patchbay: Patchbay, botUrl: string, events: readonly string[] | undefined): Promise<void> {
  const { token, appId, appSecret, verifyToken } = WORLD;
  const created = await patchbay.call('POST', '/gateways', {
    body: {
      name: 'Acme',
      uri: URI,
      type: 'messenger',
      metadata: { whatsapp_token: token, client_id: appId, client_secret: appSecret, verify_token: verifyToken },
      bot: {
        type: 'webhook',
        url: botUrl,
        secret: `whsec_${randomBytes(24).toString('base64')}`,
        ...(events && { events }),
      },
    },
  });
  if (created.status !== 201) throw new Error(`the gateway was not created: ${created.status} ${created.text}`);
  for (const operation of ['setup', 'subscribe']) {
    const answer = await patchbay.command(URI, `whatsapp=${operation}`);
    if (answer.status !== 200) throw new Error(`${operation} failed: ${answer.status} ${answer.text}`);
  }
}
