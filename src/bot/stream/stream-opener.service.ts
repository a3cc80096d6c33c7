import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, mayAccessGateway } from '../../access/principal.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { StreamDirectory } from '../../gateway/streams/stream-directory.js';
import { type StreamFilter, StreamInterestRepository } from '../../gateway/streams/stream-interest.repository.js';
import { Problem } from '../../platform/problem/problem.js';
import { StreamLogRepository } from './stream-log.repository.js';

/** What a stream is to show, and from where on. */
export interface Opening {
  readonly filter: StreamFilter;
  /** the reader has everything up to here */
  readonly after: number;
}

/** From a request to what its stream shows. From then on that is logged, also while nobody reads. */
@Injectable()
export class StreamOpener {
  constructor(
    private readonly gateways: GatewayDirectory,
    private readonly interests: StreamInterestRepository,
    private readonly wanted: StreamDirectory,
    private readonly logged: StreamLogRepository,
  ) {}

  /**
   * @param lastEventId undefined: from now on
   * @throws Problem 400 `validation.failed`, 410 `stream.position_gone`, 422 `gateway.unknown`
   */
  async open(
    principal: Principal,
    asked: { gateway?: readonly string[] | undefined; types?: readonly string[] | undefined },
    lastEventId: string | undefined,
  ): Promise<Opening> {
    const filter: StreamFilter = { gateways: this.gatewaysOf(principal, asked.gateway), types: typesOf(asked.types) };
    const position = lastEventId === undefined ? undefined : positionOf(lastEventId);
    const isCovered = position === undefined || (await this.interests.covers(filter, position));
    await this.wanted.want(filter);
    const { head, purged } = await this.headNow();
    if (position === undefined) return { filter, after: head };
    if (position > head) throw gone(`There is no such event yet: the last one is ${head}.`);
    if (position < purged) throw gone(`Events up to ${purged} are no longer kept.`);
    if (!isCovered) throw gone('Not everything that this filter wants was kept since then.');
    return { filter, after: position };
  }

  /** With everything that is committed at this moment in its place. */
  private async headNow(): Promise<{ head: number; purged: number }> {
    for (;;) {
      const range = await this.logged.settle();
      if (!range.more) return range;
    }
  }

  private gatewaysOf(principal: Principal, asked: readonly string[] | undefined): readonly string[] | null {
    if (asked === undefined) return gatewayLimit(principal);
    return asked.map((idOrUri) => {
      const gateway = this.gateways.byIdOrUri(idOrUri);
      if (gateway && mayAccessGateway(principal, gateway.id)) return gateway.id;
      throw new Problem(422, 'gateway.unknown', `There is no gateway ${JSON.stringify(idOrUri)}.`);
    });
  }
}

function typesOf(asked: readonly string[] | undefined): readonly string[] {
  return asked === undefined || asked.includes('*') ? ['*'] : [...new Set(asked)];
}

function positionOf(lastEventId: string): number {
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  const message = `Last-Event-ID must be the id of an event of this stream, a number; given is ${JSON.stringify(lastEventId.slice(0, 100))}.`;
  throw new Problem(400, 'validation.failed', message, [{ path: 'Last-Event-ID', code: 'stream.position', message }]);
}

function gone(why: string): Problem {
  const what = 'Connect without Last-Event-ID, and read what lies between from the histories of the dialogs.';
  return new Problem(410, 'stream.position_gone', `${why} ${what}`);
}
