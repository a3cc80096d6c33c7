import { Activity } from '../activity.js';
import { BoundedLog } from '../bounded-log.js';
import type { RawRequest } from '../graph-request.js';
import type { HttpReply } from '../http-connection.js';
import { HttpServer } from '../http-server.js';
import { WebhookTransport } from '../webhook-transport.js';
import { botView, Chats } from './chats.js';
import { Files, type PlacedFile } from './files.js';
import { judgeWebhook } from './judge.js';
import { METHODS, type World } from './methods.js';
import { Pace } from './pace.js';
import { Group, Person, type Stage } from './people.js';
import { type ApiRequest, readRequest } from './request.js';
import {
  ApiError,
  type Json,
  type SimAction,
  type SimBot,
  type SimCall,
  type SimFault,
  type SimProfile,
  type SimSent,
} from './types.js';
import { type SimDelivery, Updates } from './updates.js';

export interface TelegramOptions {
  readonly bot?: { readonly id: number; readonly token: string; readonly username: string; readonly name: string };
  /** false: webhooks must be https on the ports that Telegram calls. @default true, as on a Bot API server of one's own */
  readonly local?: boolean;
  /** refuses with 429 what is faster than the network takes it. @default false */
  readonly paced?: boolean;
  /** between two tries of a webhook. @default 200 */
  readonly retryMs?: number;
}

export const TELEGRAM_BOT = {
  id: 7_012_345_678,
  token: '7012345678:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw',
  username: 'acme_bot',
  name: 'Acme',
} as const;

/** How many calls are remembered. */
const REMEMBERED = 5_000;

/**
 * The part of Telegram that a bot sees, on loopback: the Bot API with its limits, webhooks in order and with retries, people and
 * groups who write and receive, and what can go wrong. Written from the facts, not from a client.
 */
export class TelegramSimulator {
  private readonly server = new HttpServer((request) => this.answer(request));
  private readonly transport = new WebhookTransport(4, 10_000);
  private readonly activity = new Activity();
  private readonly log = new BoundedLog<SimCall>(REMEMBERED);
  private readonly faults: { fault: SimFault; left: number }[] = [];
  private readonly open = new Set<string>();
  private readonly messages: SimSent[] = [];
  private readonly actions: SimAction[] = [];
  private readonly delivered: SimDelivery[] = [];
  private readonly chats = new Chats(() => Date.now());
  private readonly files = new Files();
  private readonly bot: SimBot;
  private readonly updates: Updates;
  private readonly world: World;
  private readonly isLocal: boolean;
  private callbacks = 0;
  private people = 0;
  private isRevoked = false;
  private address = '';

  private constructor({ bot = TELEGRAM_BOT, local = true, paced = false, retryMs = 200 }: TelegramOptions) {
    this.bot = { ...bot, webhook: null, nextUpdate: 900_000_001 };
    this.isLocal = local;
    this.updates = new Updates(this.bot, this.transport, this.activity, retryMs, (one) => this.delivered.push(one));
    this.world = {
      chats: this.chats,
      files: this.files,
      pace: new Pace(paced),
      nowMs: () => Date.now(),
      sent: (sent) => this.messages.push(sent),
      acted: (action) => this.actions.push(action),
      answer: (callback) => this.open.delete(callback),
    };
  }

  static async start(options: TelegramOptions = {}): Promise<TelegramSimulator> {
    const simulator = new TelegramSimulator(options);
    simulator.address = await simulator.server.listen(0);
    return simulator;
  }

  /** The `api_url` of a gateway. */
  get url(): string {
    return this.address;
  }

  get webhook(): SimBot['webhook'] {
    return this.bot.webhook;
  }

  /** Every call, in the order of their answers. */
  get calls(): readonly SimCall[] {
    return this.log.items;
  }

  /** Every attempt to deliver an update. */
  get deliveries(): readonly SimDelivery[] {
    return this.delivered;
  }

  person(profile: Partial<SimProfile> = {}): Person {
    this.people += 1;
    const full = { first_name: `Person ${this.people}`, ...profile };
    return new Person(this.stage, this.chats.user(5_000_000_000 + this.people, full), full);
  }

  group(title: string): Group {
    return new Group(this.stage, this.chats.group(title));
  }

  /** A file of somebody's, as it stands in a message: `{photo: …}`. */
  file(kind: string, bytes: Buffer, mimeType: string, filename?: string): PlacedFile['view'] {
    return this.files.add(kind, bytes, mimeType, filename).view;
  }

  fault(fault: SimFault): void {
    this.faults.push({ fault, left: fault.match.times ?? 1 });
  }

  /** @BotFather made another token: this one is dead. */
  revokeToken(dead = true): void {
    this.isRevoked = dead;
  }

  /** The same update once more, as after an answer that got lost. */
  repeat(update: Json): void {
    this.updates.repeat(update);
  }

  /** Whether somebody still waits for an answer to a button. */
  isWaiting(callback: string): boolean {
    return this.open.has(callback);
  }

  /** Asked again after every call and delivery. */
  until(holds: () => boolean, timeoutMs = 90_000): Promise<void> {
    return this.activity.until(holds, timeoutMs);
  }

  async close(): Promise<void> {
    this.updates.close();
    this.activity.abandon();
    await this.transport.close();
    await this.server.close();
  }

  private get stage(): Stage {
    return {
      chats: this.chats,
      bot: botView(this.bot),
      update: (kind, value) => this.updates.add(kind, value),
      actionsIn: (chat) => this.actions.flatMap((one) => (one.chat === chat ? [one.action] : [])),
      sentTo: (chat) => this.messages.filter((sent) => sent.chat === chat),
      until: (holds, timeoutMs) => this.until(holds, timeoutMs),
      pressed: (id) => this.open.add(id),
      nextCallback: () => {
        this.callbacks += 1;
        return `4382bfdwdsb323b2d9${this.callbacks}`;
      },
    };
  }

  private async answer(raw: RawRequest): Promise<HttpReply | undefined> {
    const file = /^\/file\/bot([^/]+)\/(.+)$/.exec(raw.url);
    if (file) return this.serveFile(file[1] ?? '', decodeURIComponent(file[2] ?? ''));
    try {
      const request = await readRequest(raw);
      return request ? await this.serve(request) : replyOf(new ApiError(404, 'Not Found'));
    } catch (error) {
      if (error instanceof ApiError) return replyOf(error);
      throw error;
    }
  }

  private async serve(request: ApiRequest): Promise<HttpReply | undefined> {
    const fault = this.faultFor(request);
    if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    const reply = fault?.drop === 'before' ? undefined : this.perform(request, fault);
    const isCut = fault?.drop !== undefined;
    const { token, method, params } = request;
    this.log.add({ method, token, params, at: Date.now(), status: isCut ? 0 : (reply?.status ?? 0) });
    this.activity.changed();
    return isCut ? undefined : reply;
  }

  private perform(request: ApiRequest, fault: SimFault['do'] | undefined): HttpReply {
    if (fault?.page !== undefined) {
      return { status: fault.page, body: Buffer.from('<html>no</html>'), contentType: 'text/html' };
    }
    if (fault?.error) return replyOf(new ApiError(fault.error.code, fault.error.description, fault.error.parameters));
    try {
      return { status: 200, body: { ok: true, result: this.run(request) } };
    } catch (error) {
      if (error instanceof ApiError) return replyOf(error);
      throw error;
    }
  }

  private run(request: ApiRequest): unknown {
    if (request.token !== this.bot.token || this.isRevoked) throw new ApiError(401, 'Unauthorized');
    switch (request.method) {
      case 'setWebhook':
        return this.setWebhook(request.params);
      case 'deleteWebhook':
        this.bot.webhook = null;
        if (request.params['drop_pending_updates'] === true) this.updates.drop();
        return true;
      case 'getWebhookInfo':
        return {
          url: this.bot.webhook?.url ?? '',
          has_custom_certificate: false,
          pending_update_count: this.updates.pending,
        };
    }
    const method = METHODS.get(request.method);
    if (!method) throw new ApiError(404, 'Not Found: method not found');
    return method(request, this.bot, this.world);
  }

  private setWebhook(params: Json): true {
    const url = judgeWebhook(params, this.isLocal);
    const { secret_token: secret, allowed_updates: updates } = params;
    this.bot.webhook = {
      url,
      secret: typeof secret === 'string' ? secret : undefined,
      updates: Array.isArray(updates) ? updates.map(String) : [],
    };
    this.updates.proceed();
    return true;
  }

  private serveFile(token: string, path: string): HttpReply {
    if (token !== this.bot.token || this.isRevoked) return replyOf(new ApiError(401, 'Unauthorized'));
    const file = this.files.at(path);
    if (!file) return replyOf(new ApiError(404, 'Not Found'));
    return { status: 200, body: file.bytes, contentType: 'application/octet-stream' };
  }

  private faultFor({ method, params }: ApiRequest): SimFault['do'] | undefined {
    const found = this.faults.find(
      ({ fault: { match }, left }) =>
        left > 0 &&
        (match.method === undefined || match.method === method) &&
        (match.chat === undefined || match.chat === Number(params['chat_id'])),
    );
    if (found) found.left -= 1;
    return found?.fault.do;
  }
}

function replyOf({ code, description, parameters }: ApiError): HttpReply {
  return { status: code, body: { ok: false, error_code: code, description, ...(parameters && { parameters }) } };
}
