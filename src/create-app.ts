import type { RequestListener } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestApplicationOptions } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureHttp } from './api/configure-http.js';
import { setupOpenApi } from './api/setup-open-api.js';
import { AppModule, type HostParts } from './app.module.js';
import { StreamHub } from './bot/stream/stream-hub.service.js';
import { CallbackListener } from './inbox/callback.listener.js';
import type { PlatformOptions } from './platform/platform.module.js';

/** What a worker without the role api answers. */
const OPERATIONS = /^\/(health\/(live|ready)|metrics)(\?|$)/;

export interface CreatedApp {
  readonly app: NestExpressApplication;
  /** answers every request, paths counted from the root of the app */
  readonly handle: RequestListener;
  /** Ends the open streams, with a word: to be called before a stop waits for requests under way, which these are for good. */
  readonly endStreams: () => void;
}

export interface CreateOptions {
  readonly host?: HostParts;
  /** of Nest's */
  readonly nest?: Pick<NestApplicationOptions, 'logger' | 'autoFlushLogs'>;
  /** where its root is seen from outside, when that is not the root of a server: `/patchbay` */
  readonly path?: string;
}

/**
 * The app on a platform that was opened, ready to work, but listening nowhere: the stand-alone server and a host application put
 * `handle` where they like.
 */
export async function createApp(
  platform: PlatformOptions,
  { host, nest, path }: CreateOptions = {},
): Promise<CreatedApp> {
  const { roles } = platform.config;
  // A factory of our own: Nest's remembers options of the app it made last, which may be a host's.
  const factory = Object.create(NestFactory) as typeof NestFactory;
  const app = await factory.create<NestExpressApplication>(AppModule.forRoot(platform, host), {
    ...nest,
    bodyParser: false,
    abortOnError: false,
  });
  try {
    configureHttp(app);
    if (roles.has('api')) setupOpenApi(app, path);
    await app.init();
    const streams = roles.has('api') ? app.get(StreamHub) : undefined;
    return { app, handle: route(app, roles.has('api')), endStreams: () => streams?.endAll() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Callbacks are served in front of Express; without the role api only operations are. */
function route(app: NestExpressApplication, isApi: boolean): RequestListener {
  const express = app.getHttpAdapter().getInstance() as RequestListener;
  const callbacks = isApi ? app.get(CallbackListener) : undefined;
  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (callbacks?.owns(path)) {
      void callbacks.handle(request, response);
    } else if (callbacks || OPERATIONS.test(request.url ?? '')) {
      express(request, response);
    } else {
      response.writeHead(404).end();
    }
  };
}
