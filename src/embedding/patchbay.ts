import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  Optional,
} from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import type { InProcessHandlers } from '../bot/in-process/handlers.js';
import { createApp, type CreatedApp } from '../create-app.js';
import { SendMessageService } from '../delivery/accept/send-message.service.js';
import { type OpenPlatform, openPlatform } from '../open-platform.js';
import { Clock } from '../platform/clock/clock.js';
import type { Log } from '../platform/logging/log.js';
import { findChatBots } from './chat-bots.js';
import { ExpressMount } from './express-mount.js';
import { hostLog } from './host-log.js';
import { type OutgoingMessage, type SentMessage, sendAsHost } from './host-sender.js';
import { PATCHBAY_OPTIONS } from './embedding.tokens.js';
import type { PatchbayOptions } from './options.js';
import { PatchbayEvents } from './patchbay-events.js';
import { type ReadOptions, readOptions } from './read-options.js';

/** A request that takes longer than this is cut off by a stop. */
const ANSWER_WITHIN_MS = 10_000;

const RAW_BODY_ADVICE = {
  parsed:
    'this application parses bodies before Patchbay sees their bytes, and does not keep them: callbacks cannot be verified and are refused. Create it with `rawBody: true`, or have its own parser keep the bytes as `request.rawBody`',
  answered:
    'something in this application answers requests below the path of Patchbay before they reach it: networks cannot deliver. Let these paths through',
  silent:
    'something in this application neither answers requests below the path of Patchbay nor lets them through: networks cannot deliver. Let these paths through',
} as const;

/**
 * Patchbay inside a host application: an application of its own in the host's process, with its own container, pipes, filters
 * and guards, of which the host sees this class and {@link PatchbayEvents}. It starts when the host has, and stops with it.
 */
@Injectable()
export class Patchbay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** what everything of ours is served below, e.g. `/patchbay` */
  readonly path: string;
  /** the same, as networks reach it */
  readonly publicUrl: string;
  private readonly read: ReadOptions;
  private readonly mount: ExpressMount;
  private readonly log: Log;
  private platform: OpenPlatform | undefined;
  private created: CreatedApp | undefined;
  private isStopping = false;
  private underWay = 0;
  private idle: (() => void) | undefined;

  constructor(
    @Inject(PATCHBAY_OPTIONS) private readonly options: PatchbayOptions,
    adapter: HttpAdapterHost,
    private readonly discovery: DiscoveryService,
    private readonly events: PatchbayEvents,
    // Hosts do not know this token: it is for tests, which may let hours pass.
    @Optional() private readonly clock?: Clock,
  ) {
    this.read = readOptions(options);
    this.path = this.read.path;
    this.publicUrl = this.read.config.publicUrl;
    this.log = hostLog(this.read.config.logLevel);
    this.mount = new ExpressMount(adapter, this.path, (request, response) => this.handle(request, response));
  }

  /**
   * Sends a message, as `POST /messages` does: on its way when this resolves, durable and in order.
   *
   * @throws Problem what that would be answered with
   */
  async send(message: OutgoingMessage, options: { readonly idempotencyKey?: string } = {}): Promise<SentMessage> {
    if (!this.created) throw new Error('Patchbay has not started yet: send when the application has.');
    return sendAsHost(this.created.app.get(SendMessageService), message, options.idempotencyKey);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { config, standing } = this.read;
    const handlers = this.handlers();
    if (config.roles.has('api') && !this.mount.isAttached)
      this.log.warn('this application serves no HTTP: the role api has nothing to do here');
    this.platform = await openPlatform(config, this.log, standing);
    try {
      const { gatewayTypes, access } = this.options;
      const platform = { ...this.platform.options, ...(this.clock && { clock: this.clock }) };
      this.created = await createApp(platform, {
        path: this.path,
        host: { handlers, ...(gatewayTypes && { gatewayTypes }), ...(access && { access }) },
        nest: { autoFlushLogs: false },
      });
    } catch (error) {
      await this.platform.close();
      throw error;
    }
    const probed = config.roles.has('api') ? await this.mount.probe() : 'raw';
    if (probed !== 'raw') this.log.error(RAW_BODY_ADVICE[probed]);
    const { queue } = this.platform.options;
    this.log.info(
      { path: this.path, roles: [...config.roles], queue: queue.backend },
      'Patchbay runs in this application',
    );
  }

  /** While the host's providers are still there: bots finish what they are at. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.created?.endStreams();
    if (this.underWay > 0) {
      const answered = new Promise<void>((resolve) => (this.idle = resolve));
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS).unref())]);
    }
    await this.created?.app.close();
    await this.platform?.close();
  }

  private handlers(): InProcessHandlers {
    return { bots: findChatBots(this.discovery), listeners: this.events.close() };
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.isStopping || !this.created) {
      response.writeHead(503, { 'Retry-After': '1', Connection: 'close' }).end();
      return;
    }
    this.underWay += 1;
    response.once('close', () => {
      this.underWay -= 1;
      if (this.underWay === 0) this.idle?.();
    });
    this.created.handle(request, response);
  }
}
