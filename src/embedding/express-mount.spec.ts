import { afterEach, describe, expect, test } from '@jest/globals';
import { Inject, Module, type DynamicModule } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { RequestHandler } from 'express';
import type { RequestListener } from 'node:http';
import { ExpressMount, type ProbeResult } from './express-mount.js';
import { readBody } from '../platform/http/read-body.js';

/** As Meta's may be: not as a serializer would write it again. */
const BODY = '{ "object":"page",\n "n": 1.0 }';

/** Answers with the bytes that it sees, and the path. */
const echo: RequestListener = (request, response) => {
  void readBody(request, 1_000_000).then(
    (body) => response.setHeader('x-path', request.url ?? '').end(body),
    (error: { status: number; code: string }) => response.writeHead(error.status).end(error.code),
  );
};

@Module({})
class MountModule {
  static mount: ExpressMount;

  constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost) {
    MountModule.mount = new ExpressMount(host, '/patchbay', echo);
  }

  static here(): DynamicModule {
    return { module: MountModule };
  }
}

const apps: NestExpressApplication[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function post(app: NestExpressApplication): Promise<{ status: number; body: string; path: string | null }> {
  apps.push(app);
  await app.listen(0, '127.0.0.1');
  const response = await fetch(`${await app.getUrl()}/patchbay/chat/acme?a=b`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: BODY,
  });
  return { status: response.status, body: await response.text(), path: response.headers.get('x-path') };
}

type InFront = (adapter: ExpressAdapter) => void;

const using =
  (handler: RequestHandler): InFront =>
  (adapter) =>
    void adapter.use(handler);
const parsing =
  (keepsBytes: boolean): InFront =>
  (adapter) =>
    void adapter.useBodyParser('json', keepsBytes);

describe('our place in a host’s Express', () => {
  test.each([{ rawBody: false }, { rawBody: true }])('is in front of Nest’s parsers, with %o', async (options) => {
    const app = await NestFactory.create<NestExpressApplication>(MountModule.here(), { logger: false, ...options });
    expect(await post(app)).toEqual({ status: 200, body: BODY, path: '/chat/acme?a=b' });
    expect(await MountModule.mount.probe()).toBe('raw');
  });

  test('is in front of them under Nest’s testing module, too', async () => {
    const testing = await Test.createTestingModule({ imports: [MountModule.here()] }).compile();
    const app = testing.createNestApplication<NestExpressApplication>({ logger: false });
    expect(await post(app)).toMatchObject({ status: 200, body: BODY });
    expect(await MountModule.mount.probe()).toBe('raw');
  });

  test.each<[ProbeResult, string, InFront, { status: number; body?: string }]>([
    ['raw', 'nobody who reads', using((_request, _response, next) => next()), { status: 200, body: BODY }],
    ['raw', 'a parser that keeps the bytes', parsing(true), { status: 200, body: BODY }],
    ['parsed', 'a parser that does not', parsing(false), { status: 500, body: 'body.raw_missing' }],
    ['answered', 'who answers', using((_request, response) => void response.status(403).end()), { status: 403 }],
  ])('is found out at the start: %s behind %s', async (probed, _, inFront, answer) => {
    const adapter = new ExpressAdapter();
    inFront(adapter);
    const app = await NestFactory.create<NestExpressApplication>(MountModule.here(), adapter, { logger: false });
    await app.init();
    expect(await MountModule.mount.probe()).toBe(probed);
    expect(await post(app)).toMatchObject(answer);
  });

  test('is none where there is no HTTP', async () => {
    const context = await NestFactory.createApplicationContext(MountModule.here(), { logger: false });
    expect(MountModule.mount.isAttached).toBe(false);
    await context.close();
  });
});
