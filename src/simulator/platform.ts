import { Activity } from './activity.js';
import { BoundedLog } from './bounded-log.js';
import { Clock, Timers } from './clock.js';
import { Customers } from './customers.js';
import { defaultWorld } from './default-world.js';
import { Faults } from './faults.js';
import type { RequestRecord } from './graph.types.js';
import { HeldAnswers } from './held-answers.js';
import { IdSource } from './ids.js';
import { Limits } from './limits.js';
import { Logins } from './logins.js';
import { Inbound, type ReadMark } from './inbound.js';
import { Media } from './media.js';
import { Pages } from './pages/pages.js';
import type { SentMessage } from './message.types.js';
import { Random } from './random.js';
import { Receipts } from './receipts.js';
import type { Settings } from './settings.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhookTransport } from './webhook-transport.js';
import type { WindowMode } from './windows.js';
import { Windows } from './windows.js';
import { World } from './world.js';

/** The state of the simulated platform, put together once; HTTP and the public class sit on top of it. */
export class Platform {
  readonly world = new World();
  readonly timers = new Timers();
  readonly activity = new Activity();
  readonly answers = new HeldAnswers();
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly faults: Faults;
  readonly windows: Windows;
  readonly limits: Limits;
  readonly transport: WebhookTransport;
  readonly webhooks: WebhookSender;
  readonly customers: Customers;
  readonly receipts: Receipts;
  readonly media: Media;
  readonly logins: Logins;
  readonly pages: Pages;
  readonly requests: BoundedLog<RequestRecord>;
  readonly sent: BoundedLog<SentMessage>;
  /** What customers wrote, and what businesses marked as read of it. */
  readonly inbound: Inbound;
  readonly reads: BoundedLog<ReadMark>;
  /** Messages of templates that are being paced. */
  paced: SentMessage[] = [];
  /** May be changed at any time. */
  window: WindowMode;

  constructor(private readonly settings: Settings) {
    const { activity, timers, world } = this;
    const random = new Random(settings.seed);
    const record = settings.record;
    const clock = new Clock(settings.now);
    this.clock = clock;
    this.ids = new IdSource(settings.seed);
    this.faults = new Faults(random.fork('faults'), clock);
    this.windows = new Windows(clock, settings.windowMs);
    this.limits = new Limits({ world, clock, windows: this.windows, settings: settings.limits });
    this.transport = new WebhookTransport(settings.webhookConnections, settings.webhookTimeoutMs, settings.tunnels);
    const { faults, ids, limits, transport, windows } = this;
    this.webhooks = new WebhookSender({
      world,
      clock,
      timers,
      activity,
      faults,
      transport,
      random: random.fork('order'),
      sizes: random.fork('sizes'),
      retry: settings.retry,
      record,
      statusBatch: settings.statusBatch,
    });
    const { webhooks } = this;
    this.inbound = new Inbound(record);
    this.reads = new BoundedLog(record);
    this.customers = new Customers({
      world,
      clock,
      ids,
      windows,
      limits,
      webhooks,
      activity,
      inbound: this.inbound,
      keepsRecords: record > 0,
    });
    const { customers } = this;
    this.receipts = new Receipts({ world, clock, timers, activity, webhooks, customers, times: settings.statuses });
    this.media = new Media(clock);
    this.pages = new Pages({ world, clock, ids, activity, webhooks });
    this.logins = new Logins(world, clock, settings.seed);
    this.requests = new BoundedLog(record);
    this.sent = new BoundedLog(record);
    this.window = settings.window;
    this.buildWorld();
  }

  /** Back to the start: no faults, no records, no customers, nothing on its way, the world as it was configured. */
  reset(): void {
    this.webhooks.reset();
    this.timers.clear();
    this.receipts.clear();
    this.faults.clear();
    this.windows.clear();
    this.limits.clear();
    this.customers.clear();
    this.media.clear();
    this.logins.clear();
    this.pages.clear();
    this.requests.clear();
    this.sent.clear();
    this.inbound.clear();
    this.reads.clear();
    this.paced = [];
    this.window = this.settings.window;
    this.world.clear();
    this.buildWorld();
  }

  async close(): Promise<void> {
    this.webhooks.reset();
    this.timers.close();
    this.activity.abandon();
    await this.transport.close();
  }

  private buildWorld(): void {
    const { settings, world } = this;
    if (settings.defaultWorld) {
      world.merge(defaultWorld());
    }
    world.merge(settings.world);
    if (settings.webhookUrl !== undefined) {
      const [app] = world.apps.values();
      if (app !== undefined) {
        app.callback = { url: settings.webhookUrl, verifyToken: settings.verifyToken, fields: [...settings.fields] };
        [...world.wabas.keys()].forEach((wabaId) => world.subscribe(wabaId, app.id));
      }
    }
  }
}
