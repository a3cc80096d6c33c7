import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { HttpAdapterHost } from '@nestjs/core';
import { ConfigError } from '../platform/config/config.js';
import { readBody } from '../platform/http/read-body.js';

/** A body that no serializer would write again: only somebody who has the bytes has these. */
const PROBE = Buffer.from('{ "patchbay" :\n"probe" }');
const PROBE_WITHIN_MS = 2_000;

type Express = RequestListener & { readonly router?: { readonly stack?: readonly unknown[] } };

/** What comes of a request that the host is given in its own process. */
export type ProbeResult = 'raw' | 'parsed' | 'answered' | 'silent';

/**
 * Our place in a host's Express: in front of everything that Nest will put there (body parsers, prefix, middleware), so that
 * neither sees the other's requests. Where the host made its Express itself, what it has put there before stays before us.
 */
export class ExpressMount {
  private express: Express | undefined;
  private fault: ConfigError | undefined;
  private isFirst = true;
  private readonly probes = new WeakMap<IncomingMessage, (result: ProbeResult) => void>();

  constructor(
    host: HttpAdapterHost,
    private readonly path: string,
    private readonly handle: RequestListener,
  ) {
    // At once, or, under Nest's testing module, as soon as there is an application: in both cases before it has parsers.
    host.init$.subscribe(() => this.attach(host));
  }

  /** False in an application without HTTP. */
  get isAttached(): boolean {
    if (this.fault) throw this.fault;
    return this.express !== undefined;
  }

  /** Whether bytes reach us as they came. Asks only where somebody stands before us. */
  async probe(): Promise<ProbeResult> {
    const { express } = this;
    if (!express || this.isFirst) return 'raw';
    const request = new IncomingMessage(new Socket());
    Object.assign(request, {
      method: 'POST',
      url: `${this.path}/chat/probe`,
      headers: { host: 'localhost', 'content-type': 'application/json', 'content-length': String(PROBE.length) },
    });
    request.push(PROBE);
    request.push(null);
    const response = new ServerResponse(request);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('silent'), PROBE_WITHIN_MS);
      const settle = (result: ProbeResult): void => {
        clearTimeout(timer);
        resolve(result);
      };
      this.probes.set(request, settle);
      // Nothing is written anywhere: whoever answers has kept it from us.
      Object.assign(response, { end: () => settle('answered') });
      express(request, response);
    });
  }

  private attach({ httpAdapter }: HttpAdapterHost): void {
    if (!httpAdapter) return;
    if (httpAdapter.getType() !== 'express') {
      this.fault = new ConfigError(
        `PatchbayModule is not usable: given an application on ${httpAdapter.getType()}, allowed is one on Express (@nestjs/platform-express), or Patchbay in a process of its own.`,
      );
      return;
    }
    const express = httpAdapter.getInstance() as Express;
    this.isFirst = (express.router?.stack?.length ?? 0) === 0;
    httpAdapter.use(this.path, ((request, response) => {
      const probed = this.probes.get(request);
      if (probed) void this.judge(request).then(probed);
      else this.handle(request, response);
    }) satisfies RequestListener);
    this.express = express;
  }

  private async judge(request: IncomingMessage): Promise<ProbeResult> {
    try {
      return (await readBody(request, PROBE.length)).equals(PROBE) ? 'raw' : 'parsed';
    } catch {
      return 'parsed';
    }
  }
}
