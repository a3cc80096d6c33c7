import type { IncomingMessage } from 'node:http';
import { type DynamicModule, Module } from '@nestjs/common';
import { PERMISSIONS, type Permission } from './permissions.js';
import type { Principal } from './principal.js';

/** Who makes a request, as a host application knows it. */
export interface HostCaller {
  /** of a user or service of the host; it labels the rate limit */
  readonly id: string;
  readonly name?: string;
  /** what it may do; `*`: everything */
  readonly permissions: readonly Permission[] | '*';
  /** ids of the gateways that it is limited to; absent: all */
  readonly gateways?: readonly string[];
}

/**
 * Takes the place of the API keys: a host application says who is asking, by its own sessions or tokens. It is asked for every
 * request to the API and for the commands on a callback URI, never for what a network posts there.
 */
export interface HostAccess {
  /**
   * Who makes this request; undefined: nobody that the host knows, which is answered 401. An HttpException of 4xx is answered with
   * its status and message, anything else that is thrown with 500.
   *
   * @param request the raw request of node:http, with what the host's own middleware has put on it where that ran before us
   */
  identify(request: Pick<IncomingMessage, 'headers'>): HostCaller | undefined | Promise<HostCaller | undefined>;
}

/** Injection token of the {@link HostAccess}; not provided where API keys decide. */
export const HOST_ACCESS = Symbol('patchbay:host-access');

/** Global, since AccessModule is imported by its bare class. */
@Module({})
export class HostAccessModule {
  static forRoot(access: HostAccess): DynamicModule {
    const provider = { provide: HOST_ACCESS, useValue: access };
    return { module: HostAccessModule, global: true, providers: [provider], exports: [provider] };
  }
}

export function principalOfCaller({ id, name, permissions, gateways }: HostCaller): Principal {
  return {
    id,
    name: name ?? id,
    permissions: new Set(permissions === '*' ? PERMISSIONS : permissions),
    gateways: gateways ? new Set(gateways) : null,
    isBootstrap: false,
  };
}
