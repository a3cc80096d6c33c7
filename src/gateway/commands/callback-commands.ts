import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AccessService } from '../../access/access.service.js';
import { mayAccessGateway, requirePermission, unauthorized } from '../../access/principal.js';
import { Problem } from '../../platform/problem/problem.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { TicketService } from '../ticket.service.js';
import { type Command, readCommand, unknownOperation } from './command.js';
import { CommandDispatcher } from './command-dispatcher.js';

export interface CommandReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Account management on a gateway's callback URI: `GET /chat/<uri>?<channel>=<operation>`. Who asks is judged before what is
 * asked, whatever the parameters; a ticket stands in for a key for one setup and nothing else.
 */
@Injectable()
export class CallbackCommands {
  constructor(
    private readonly access: AccessService,
    private readonly tickets: TicketService,
    private readonly dispatcher: CommandDispatcher,
  ) {}

  /**
   * Problems are answered, not thrown; what is thrown is a bug or a database that is away.
   *
   * @param gateways whose callback it is; where several share it, none of them can be meant
   */
  async handle(
    gateways: readonly LoadedGateway[],
    query: URLSearchParams,
    request: Pick<IncomingMessage, 'headers'>,
  ): Promise<CommandReply> {
    const [gateway, ...others] = gateways;
    const channels = (gateway?.type.channels ?? []).map(({ channel }) => channel);
    const command = readCommand(query, channels);
    try {
      await this.authorize(gateways, command, query, request);
      if (!gateway || others.length > 0) throw severalMeant(gateways);
      if (!command) throw unknownOperation(channels);
      const list = await this.dispatcher.run(gateway, command);
      return { status: 200, headers: headersOf('application/json; charset=utf-8'), body: JSON.stringify(list) };
    } catch (error) {
      if (error instanceof Problem) return replyOf(error);
      throw error;
    }
  }

  private async authorize(
    gateways: readonly LoadedGateway[],
    command: Command | undefined,
    query: URLSearchParams,
    request: Pick<IncomingMessage, 'headers'>,
  ): Promise<void> {
    const ticket = query.get('ticket');
    if (ticket && !request.headers.authorization) {
      const [only, ...others] = gateways;
      const mayBeUsed = only && others.length === 0 && command?.operation === 'setup';
      if (mayBeUsed && (await this.tickets.use(ticket, only.id))) return;
      throw unauthorized('The ticket is used, expired or not for this.');
    }
    const principal = await this.access.identify(request);
    if (!gateways.some(({ id }) => mayAccessGateway(principal, id))) {
      throw new Problem(403, 'gateway.forbidden', 'This key is not for this gateway.');
    }
    requirePermission(principal, command?.operation === 'search' ? 'gateways:read' : 'gateways:write');
  }
}

function severalMeant(gateways: readonly LoadedGateway[]): Problem {
  const uris = gateways.slice(0, 5).map(({ uri }) => `/chat/${uri}`);
  return new Problem(
    400,
    'callback.operation.unknown',
    `Several gateways share this callback: commands go to one of them, e.g. ${uris.join(', ')}.`,
  );
}

function replyOf(problem: Problem): CommandReply {
  return {
    status: problem.status,
    headers: { ...headersOf('application/problem+json; charset=utf-8'), ...problem.headers },
    body: JSON.stringify(problem),
  };
}

/** The URI is opened in browsers: what it answers is data, never a page, and never kept. */
function headersOf(contentType: string): Record<string, string> {
  return { 'Content-Type': contentType, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
}
