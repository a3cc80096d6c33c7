import { Control } from './control.js';
import { type Echo, type Handover, echo, handover } from './conversations.js';
import type { CustomerMessage, CustomerProfile } from './customers.js';
import { Customer } from './customers.js';
import { type Deauthorization, deauthorize } from './deauthorize.js';
import type { MessageStatus } from './fault.types.js';
import type { Faults } from './faults.js';
import type { GraphErrorInput } from './graph-error.js';
import type { RawRequest } from './graph-request.js';
import type { RequestRecord } from './graph.types.js';
import { DIALOG360_PATH, Dialog360 } from './dialog360.js';
import { Graph } from './graph.js';
import type { ForeignCampaign } from './foreign.js';
import { sendForeign } from './foreign.js';
import type { ReadMark } from './inbound.js';
import type { Limits } from './limits.js';
import type { NumberChange } from './number-changes.js';
import { changeNumber } from './number-changes.js';
import { HttpServer } from './http-server.js';
import type { HttpReply } from './http-connection.js';
import { download } from './media-host.js';
import type { MediaOptions, StoredMedia } from './media.js';
import type { SentMessage } from './message.types.js';
import { digitsOf, isUserId } from './phone.js';
import type { Pages } from './pages/pages.js';
import { Platform } from './platform.js';
import { FIELD_SAMPLES } from './samples.js';
import { settle } from './settings.js';
import type { Settings, SimulatorOptions } from './settings.js';
import { decidePacing, reviewTemplate } from './template-reviews.js';
import type { TemplateReview } from './template-reviews.js';
import { encodeLikeMeta, signatureOf } from './webhook-body.js';
import type { WebhookAttempt, WebhookCounts } from './webhook-sender.js';
import type { WebhookResponse } from './webhook-transport.js';
import type { WindowMode, Windows } from './windows.js';
import type { JsonObject, SimPhoneNumber } from './world.types.js';
import type { World } from './world.js';

export interface PostWebhookOptions {
  /** Whose secret signs and whose callback is the target. @default the first app */
  appId?: string;
  /** @default the callback of the app */
  target?: string;
  /** Instead of the right signature; null = none at all. */
  signature?: string | null;
  headers?: Record<string, string>;
}

export interface SimulatorCounts extends WebhookCounts {
  requests: number;
  sent: number;
  webhooks: number;
  /** Webhooks and statuses still on their way. */
  pending: number;
  withheld: number;
}

/**
 * The part of Meta's platform that a WhatsApp gateway talks to, on loopback: Graph API, signed webhooks with retries,
 * customers who write and receive, and everything that can go wrong, scripted and repeatable. Start one with
 * {@link startSimulator} and end it with `close()`.
 */
export class Simulator {
  private readonly platform: Platform;
  private readonly graph: Graph;
  private readonly dialog360: Dialog360;
  private readonly control = new Control(this);
  private readonly server = new HttpServer((request) => this.answer(request));
  private address = '';

  private constructor(private readonly settings: Settings) {
    this.platform = new Platform(settings);
    this.graph = new Graph(this.platform);
    this.dialog360 = new Dialog360(this.platform);
  }

  static async start(options: SimulatorOptions): Promise<Simulator> {
    const simulator = new Simulator(settle(options));
    simulator.address = await simulator.server.listen(simulator.settings.port);
    return simulator;
  }

  /** `http://127.0.0.1:PORT`, the `GRAPH_URL` of a gateway. */
  get url(): string {
    return this.address;
  }

  /** The same platform by way of 360dialog, the `base_url` of a gateway. */
  get dialog360Url(): string {
    return `${this.address}${DIALOG360_PATH}`;
  }

  get seed(): number {
    return this.settings.seed;
  }

  get world(): World {
    return this.platform.world;
  }

  get faults(): Faults {
    return this.platform.faults;
  }

  get windows(): Windows {
    return this.platform.windows;
  }

  get window(): WindowMode {
    return this.platform.window;
  }

  set window(mode: WindowMode) {
    this.platform.window = mode;
  }

  /** Meta's limits: their settings, and the exact records of how they were kept. */
  get limits(): Limits {
    return this.platform.limits;
  }

  /** Every Graph call in the order of arrival, parts of batches too. */
  /** Facebook pages, their Instagram accounts, and who writes there. */
  get pages(): Pages {
    return this.platform.pages;
  }

  get requests(): readonly RequestRecord[] {
    return this.platform.requests.items;
  }

  /** Every accepted message, in order. */
  get sent(): readonly SentMessage[] {
    return this.platform.sent.items;
  }

  /** What was marked as read, and where typing was shown, in order. */
  get reads(): readonly ReadMark[] {
    return this.platform.reads.items;
  }

  /** Every attempt to deliver a webhook, in the order of their ends. */
  get webhooks(): readonly WebhookAttempt[] {
    return this.platform.webhooks.attempts.items;
  }

  /** Totals that are right even without records. */
  get counts(): SimulatorCounts {
    const { activity, receipts, requests, sent, webhooks } = this.platform;
    return {
      requests: requests.total,
      sent: sent.total,
      webhooks: webhooks.attempts.total,
      ...webhooks.counts,
      pending: activity.outstanding,
      withheld: receipts.withheldCount,
    };
  }

  /** The person with this phone or BSUID, or described by this profile; invented if unknown. */
  customer(who: string | CustomerProfile, profile: CustomerProfile = {}): Customer {
    if (typeof who !== 'string') {
      return this.platform.customers.get(who);
    }
    return this.platform.customers.get({ ...profile, ...(isUserId(who) ? { userId: who } : { phone: who }) });
  }

  /** Publishes any update of a WABA, such as `message_template_status_update`. */
  emit(field: string, wabaId: string, value: JsonObject): void {
    const number = (value['metadata'] as JsonObject | undefined)?.['phone_number_id'];
    void this.platform.webhooks.publish({
      wabaId,
      phoneNumberId: typeof number === 'string' ? number : undefined,
      field,
      value,
      kind: 'other',
      time: field === 'messages' ? undefined : this.platform.clock.seconds(),
    });
  }

  /** Publishes the example of a field, with some members other than there; `messages` are a customer's. */
  emitSample(field: string, wabaId: string, more: JsonObject = {}): void {
    const sample = FIELD_SAMPLES[field];
    const [number] = this.world.waba(wabaId).phoneNumbers.values();
    if (sample === undefined || number === undefined) {
      throw new Error(`there is no example of ${field}; there are: ${Object.keys(FIELD_SAMPLES).join(', ')}`);
    }
    const metadata = { display_phone_number: digitsOf(number.display_phone_number), phone_number_id: number.id };
    this.emit(field, wabaId, { messaging_product: 'whatsapp', metadata, ...sample, ...more });
  }

  /** Somebody else writes to a customer from one of the numbers. @returns the wamid. */
  echo(customer: Customer, message: CustomerMessage | string, options: Echo = {}): string {
    return echo(this.platform, customer, message, options);
  }

  /** A customer's conversation goes to another responder, or comes to us. */
  handover(customer: Customer, given: Handover): void {
    handover(this.platform, customer, given);
  }

  /** Says a status of a message, whatever was said before; give a message object for a wamid that was never sent. */
  emitStatus(message: SentMessage | string, status: MessageStatus, failure?: GraphErrorInput): void {
    const found = typeof message === 'string' ? this.sent.findLast(({ id }) => id === message) : message;
    if (found === undefined) {
      throw new Error(`no message ${typeof message === 'string' ? message : message.id} was sent`);
    }
    void this.platform.receipts.emit(found, status, {}, failure);
  }

  /** Sets the status of a template, as a review or a pause does, and announces it. */
  reviewTemplate(review: TemplateReview): void {
    reviewTemplate(this.platform, review);
  }

  /** Ends the pacing of a template (`pacing` of the world's template): its held messages go on, or fail with 132015. */
  decidePacing(name: string, verdict: 'good' | 'bad'): void {
    decidePacing(this.platform, name, verdict);
  }

  /** Has another system send from one of the numbers. */
  foreign(campaign: ForeignCampaign): void {
    sendForeign(this.platform, campaign);
  }

  /** Changes what Meta changes about a number; `announce` also sends the webhooks. */
  changeNumber(id: string, change: NumberChange): SimPhoneNumber {
    return changeNumber(this.platform, id, change);
  }

  /** POSTs a body as a webhook once, without retry: for wrong signatures, broken JSON and other strangers. */
  async postWebhook(body: JsonObject | string | Buffer, options: PostWebhookOptions = {}): Promise<WebhookResponse> {
    const { world, transport } = this.platform;
    const app = options.appId === undefined ? [...world.apps.values()][0] : world.app(options.appId);
    const target = options.target ?? app?.callback?.url;
    if (app === undefined || target === undefined) {
      throw new Error('a raw webhook needs an app with a callback, or a target');
    }
    const bytes = Buffer.isBuffer(body) ? body : typeof body === 'string' ? Buffer.from(body) : encodeLikeMeta(body);
    const signature = options.signature === undefined ? signatureOf(bytes, app.secret) : options.signature;
    const signed = signature === null ? {} : { 'x-hub-signature-256': signature };
    return transport.post(target, bytes, { ...signed, ...options.headers });
  }

  /** A person removes an app: its tokens are void, and the app is told. */
  deauthorize(userId: string, given: Deauthorization = {}): Promise<WebhookResponse> {
    return deauthorize(this.platform, userId, given);
  }

  /** Sends the statuses that a fault kept back so far. @returns how many there were. */
  releaseStatuses(): number {
    return this.platform.receipts.release();
  }

  /** Gives the answers that a fault kept back so far. @returns how many there were. */
  releaseAnswers(): number {
    return this.platform.answers.release();
  }

  /**
   * Puts bytes where a customer's media message can point to; `reference` is what the message object says of them (there the
   * hash is base64). `corruptTimes` downloads are damaged; with `redirect` they lead elsewhere.
   */
  addMedia(
    bytes: Buffer,
    mimeType: string,
    options: Omit<MediaOptions, 'phoneNumberId'> = {},
  ): StoredMedia & { url: string; reference: JsonObject } {
    const { ids, media } = this.platform;
    const stored = media.put(ids.media(), bytes, mimeType, options);
    const url = `${this.url}${media.addressOf(stored.id)}`;
    const sha256 = Buffer.from(stored.sha256, 'hex').toString('base64');
    return { ...stored, url, reference: { id: stored.id, mime_type: mimeType, sha256, url } };
  }

  /** What was uploaded or added under this id, if it still lives. */
  media(id: string): StoredMedia | undefined {
    return this.platform.media.get(id);
  }

  /** As if its time were over. */
  forgetMedia(id: string): boolean {
    return this.platform.media.delete(id);
  }

  /** Moves Meta's time forward. */
  advance(ms: number): void {
    this.platform.clock.advance(ms);
  }

  /** Resolves when every webhook was acknowledged or dropped and no status is due. */
  idle(timeoutMs?: number): Promise<void> {
    return this.platform.activity.idle(timeoutMs);
  }

  /** Resolves when `holds` is true; it is asked after every request, message, status and webhook. */
  until(holds: () => boolean, timeoutMs?: number): Promise<void> {
    return this.platform.activity.until(holds, timeoutMs);
  }

  reset(): void {
    this.platform.reset();
  }

  /** Ends everything: connections, timers, waits. */
  async close(): Promise<void> {
    await Promise.all([this.platform.close(), this.server.close()]);
  }

  private answer(request: RawRequest): Promise<HttpReply | undefined> {
    if (request.url.startsWith('/_sim')) {
      return this.control.handle(request);
    }
    if (request.url.startsWith(`${DIALOG360_PATH}/`)) {
      return this.dialog360.handle(request);
    }
    if (/^\/(v\d+\.\d+\/)?dialog\/oauth(\?|$)/.test(request.url)) {
      return Promise.resolve(this.platform.logins.dialog(request));
    }
    return request.url.startsWith('/_media/') ? download(request, this.platform) : this.graph.handle(request);
  }
}

/** Starts a simulator on loopback; whoever starts it closes it. */
export function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return Simulator.start(options);
}

export type { Echo, Handover } from './conversations.js';
export { DEFAULT_WORLD } from './default-world.js';
export type { CallFault, FaultInput, MessageStatus } from './fault.types.js';
export type { CustomerMessage, CustomerProfile } from './customers.js';
export type { ForeignCampaign } from './foreign.js';
export type { GraphErrorInput } from './graph-error.js';
export type { ReadMark } from './inbound.js';
export type { NumberChange } from './number-changes.js';
export type { LimitReport } from './limits.types.js';
export type { RequestRecord } from './graph.types.js';
export type { SentMessage } from './message.types.js';
export type { TemplateReview } from './template-reviews.js';
export type { SimulatorOptions } from './settings.js';
export type { WebhookAttempt } from './webhook-sender.js';
export type { WebhookResponse } from './webhook-transport.js';
export type { WindowMode } from './windows.js';
export type * from './world.types.js';
export { Customer };
