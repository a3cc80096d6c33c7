import { Inject, Injectable } from '@nestjs/common';
import type { MediaCall, MediaFacet } from '../contract/index.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import type { HttpClient } from '../platform/http-client/http-client.js';
import { OUTSIDE_HTTP, PROVIDER_HTTP } from '../platform/platform.tokens.js';

/** An account whose channel keeps files. */
export interface MediaAccount {
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly facet: MediaFacet;
}

/** How files travel: through which client, and until when. */
@Injectable()
export class MediaCalls {
  private readonly ending = new AbortController();
  private readonly end = new Promise<void>((resolve) => this.ending.signal.addEventListener('abort', () => resolve()));

  constructor(
    private readonly directory: GatewayDirectory,
    @Inject(PROVIDER_HTTP) private readonly home: HttpClient,
    @Inject(OUTSIDE_HTTP) private readonly outside: HttpClient,
  ) {}

  find(accountId: string): MediaAccount | undefined {
    const found = this.directory.accountById(accountId);
    const facet = found?.gateway.channel(found.account.channel)?.media;
    return found && facet && { ...found, facet };
  }

  /** Addresses come from webhooks and answers: private ones are refused but where the operator himself put the network. */
  of({ gateway, account }: MediaAccount): MediaCall {
    return {
      ...gateway.accountCall(account),
      download: ({ isHome = false, ...request }, sink) =>
        (isHome ? this.home : this.outside).download({ ...request, method: 'GET' }, sink, this.ending.signal),
    };
  }

  get isEnding(): boolean {
    return this.ending.signal.aborted;
  }

  /** The process stops: transfers end where they are, and are made again later. */
  stop(): void {
    this.ending.abort();
  }

  /** Whatever comes first: the end of the work, or that of the process. */
  async untilEnd(work: Promise<void>): Promise<void> {
    await Promise.race([work, this.end]);
  }
}
